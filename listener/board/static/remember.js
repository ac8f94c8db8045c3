// Keeps the chosen name in a session cookie of this board, or forgets it.
export default function ({ data }) {
  const { cookie, value } = data;
  if (!/^listener-who-\w+$/.test(cookie)) return;
  const wanted = `${cookie}=${value}`;
  if (value ? document.cookie.split("; ").includes(wanted) : !document.cookie.includes(`${cookie}=`)) return;
  document.cookie = `${wanted}; path=/; SameSite=Strict${value ? "" : "; Max-Age=0"}`;
}

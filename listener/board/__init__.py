"""The board: what community managers, responders and analysts look at all day. The only place that knows Streamlit.

Pages are thin: they ask `listener.desk` (or read the store where the desk has nothing), turn rows into words and draw.
`shell/main.py` runs around every page (it lies in a directory of its own because Streamlit would take a `pages`
directory beside the main script for its older way of making pages, and run a page without the shell).

Outside text
------------
The text of posts, authors, titles, terms, addresses and file names were written by strangers, and most of Streamlit's
elements read markdown: `![](http://…)` in a label would fetch a picture from wherever the writer liked. Such text
reaches the screen by `safe.draw` (static/draw.js: `textContent` only, fixed sets of elements and attributes), by
`st.text`, `st.code` or cells of a dataframe, and by nothing else. Control and direction characters are made visible.

Content-Security-Policy
-----------------------
Set on every response by `security.SecurityHeaders`. No `unsafe-*` word is in it:

- scripts: Streamlit's own files and ours (`'self'`); the one inline script of Streamlit's index.html by its hash,
  computed from the installed file. Not `'unsafe-eval'`: no Vega charts on the board, they compile expressions.
- styles: Streamlit's styling library (emotion) adds empty `<style>` elements and fills them through the CSSOM, which
  needs only the hash of the empty text; its buttons (react-aria) add one fixed `<style>`, allowed by hash too. Ours are
  constructed style sheets. A newer Streamlit whose fixed style differs loses that rule and reports it on the console;
  the browser tests then fail.
- pictures: `data:` and `blob:` for icons drawn by Streamlit; nothing from elsewhere can be loaded or sent.
"""

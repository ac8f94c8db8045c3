"""`listener init`: a commented listener.toml to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

TEMPLATE: Final = """\
# listener's settings. Everything here can be changed; restart `listener up` after a change.
# A wrong key is reported with its place and the nearest valid name. Secrets never stand here: a setting that ends
# in _env names an environment variable, one that ends in _file names a file, and the secret lies there.

# ---- Whom to listen for ------------------------------------------------------------------------------------------
# A post concerns a brand if one of its words is in it. In Latin script a word must stand alone; in Japanese and
# Chinese it may stand anywhere. A post with an exclude word is not about the brand. Lists may be split by language.
[[brands]]
name = "Example Mobile"
aliases = { en = ["ExampleMobile"], ja = ["イグザンプルモバイル"], zh = ["示例移动"] }
products = []
keywords = []
exclude = ["example mobile home"]
accounts = ["@examplemobile_help"]     # its own accounts: never flagged, their public reply is the first response

# ---- Where to listen: no key needed ------------------------------------------------------------------------------
[[sources]]
name = "bluesky"
kind = "bluesky"                       # the public Jetstream; listens for the brands' words
# keywords = ["other words"]           # instead of the brands' words
# keep = "180d"                        # any source: older posts lose text and author; without it they are kept

[[sources]]
name = "news"
kind = "feeds"                         # RSS, Atom; any encoding
url = ["https://hnrss.org/newest?q=%22Example+Mobile%22"]
every = "10min"

[[sources]]
name = "drop"
kind = "files"                         # JSON Lines, CSV or Parquet dropped into a directory
path = "{drop}"
every = "10s"

# ---- Reddit: needs a key that Reddit gives on request ------------------------------------------------------------
[[sources]]
name = "reddit"
kind = "reddit"
enabled = false
subreddits = ["examplemobile"]
searches = ["\\"Example Mobile\\""]
client_id_env = "LISTENER_REDDIT_CLIENT_ID"
client_secret_env = "LISTENER_REDDIT_CLIENT_SECRET"

# ---- Other ears: take away the marks of those you want; each has its row in the README ---------------------------
# [[sources]]
# name = "mastodon"
# kind = "mastodon"
# endpoint = "https://mastodon.social"
# hashtags = ["examplemobile"]
#
# [[sources]]
# name = "hacker news"
# kind = "hackernews"
#
# [[sources]]
# name = "forum"
# kind = "discourse"                     # `lemmy` likewise
# endpoint = "https://forum.example.org"
#
# [[sources]]
# name = "app reviews"
# kind = "appstore"                      # `appstoreconnect` and `googleplay` for your own apps, `steam` for games
# apps = [123456789]
# countries = ["jp", "tw", "us"]
#
# [[sources]]
# name = "videos"
# kind = "youtube"
# channels = ["UCxxxxxxxxxxxxxxxxxxxxxx"]
# key_env = "LISTENER_YOUTUBE_KEY"
#
# [[sources]]
# name = "mailbox"
# kind = "imap"
# endpoint = "imaps://imap.example.org"
# username = "support@example.org"
# password_env = "LISTENER_MAIL_PASSWORD"
#
# [[sources]]
# name = "help desk"
# kind = "webhook"                       # POST /ingest on [web] public_port, beside the form at /feedback
# secret_env = "LISTENER_INGEST_SECRET"
#
# [[sources]]
# name = "x"
# kind = "x"                             # every post read costs money
# enabled = true
# token_env = "LISTENER_X_TOKEN"
# monthly_cap = 20.0                     # US dollars

# ---- Who answers, and when: the board offers these names ---------------------------------------------------------
[[hours]]
name = "tokyo"
zone = "Asia/Tokyo"
open = ["mon-fri 09:00-18:00"]         # also "sat,sun 22:00-06:00", "daily 00:00-24:00"
lunch = ["12:00-13:00"]
holidays = []                          # dates, such as 2026-12-31

[[teams]]
name = "Support"
languages = ["ja", "zh", "en"]

[[people]]
name = "Aiko"
team = "Support"
languages = ["ja", "en"]
hours = "tokyo"                        # their shift; without one they are always there
accounts = []                          # handles they answer with

# ---- How soon: the first policy that fits counts; without one 1 h of business hours, at the latest 6 h on the wall -
[desk]
hours = "tokyo"                        # business hours in which answer times count; without them around the clock

[[sla]]
min_severity = 3
first_response = "1h"
first_response_at_most = "6h"

[[sla]]
first_response = "2h"
first_response_at_most = "6h"

# ---- Whose an alert is: the first rule that fits counts; with none it is everybody's ------------------------------
# [[routes]]
# name = "Japanese to support"
# language = "ja"
# team = "Support"

# ---- Alarms: how many false ones you accept a week; more of them ring sooner --------------------------------------
[early]
budget = 1                             # a brand
cap = 10                               # over all brands

# ---- What silence costs: the queue's order. Each figure is a number or { value, low, high, source } ----------------
[value]
# unit = "EUR"
# customer = 240                       # what a customer is worth, in that unit
# half_life = 6                        # hours after which an answer saves half as much
# leaving = 0.6                        # probability of leaving that makes somebody a quiet leaver

# ---- Where the board listens -------------------------------------------------------------------------------------
[web]
host = "127.0.0.1"                     # other addresses are refused until there is sign-in
port = 8501
# public_port = 8600                   # strangers may send there: /ingest and /feedback; no page of the board

# ---- Collectors never open private addresses, except these (HOST:PORT) -------------------------------------------
[network]
allow = []
"""


def register(app: typer.Typer) -> None:
    """Add `listener init`."""

    @app.command()
    def init(
        home: Annotated[Path | None, typer.Option(help="Directory for settings and data.")] = None,
        force: Annotated[bool, typer.Option(help="Write anew over an existing listener.toml.")] = False,
    ) -> None:
        """Write a commented listener.toml whose defaults need no credentials."""
        from listener.errors import UsageError
        from listener.pipeline.home import prepare
        from listener.settings import FILE_NAME, default_home, load

        where = (home or default_home()).absolute()
        prepare(where)
        path = where / FILE_NAME
        if path.exists() and not force:
            raise UsageError(f"{path} exists", hint="Edit it, or write anew with --force.")
        (where / "drop").mkdir(exist_ok=True)
        path.write_text(TEMPLATE.replace("{drop}", (where / "drop").as_posix()), encoding="utf-8")
        load(where)
        typer.echo(f"{path}\nNext: put your brand and its words into [[brands]], then run: listener up")

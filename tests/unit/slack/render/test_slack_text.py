"""Foreign text reads as typed and can do nothing: no mention, link, formatting, emoji, hidden or extra line."""

# ruff: noqa: RUF001

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import bot.slack
from bot.slack.render import blocks, text
from bot.slack.render.text import Mrkdwn, code, divided, literal, plain, preformatted

FOREIGN = st.text(max_size=400) | st.text(alphabet="<>&*_~`:!|@#a \n\u202e\u200b", max_size=60)
ENTITY = re.compile(r"&(amp|lt|gt);")


@given(FOREIGN)
@example("<!channel>")
@example("<https://evil.example|Approve>")
@example("&lt;!channel&gt;")
def test_no_control_sequence_survives_in_any_form(foreign: str) -> None:
    for shown in (literal(foreign), code(foreign), preformatted(foreign)):
        assert "<" not in shown
        assert ">" not in shown
        assert "&" not in ENTITY.sub("", shown)


@given(FOREIGN)
@example("done :tada: :white_check_mark:")
@example("_italics_ ~struck~ `code`")
@example("> quoted")
def test_literal_text_has_nothing_left_that_formats(foreign: str) -> None:
    shown = literal(foreign)
    assert not set(shown) & set("*~`\n")
    assert not re.search(r":\S*:", shown)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", shown), "an underscore at the edge of a word begins italics"
    assert not shown.startswith("&gt;")


@given(FOREIGN, st.integers(min_value=8, max_value=80))
def test_whatever_the_limit_it_is_kept_and_no_entity_is_cut_in_half(foreign: str, limit: int) -> None:
    for shown in (literal(foreign, limit), code(foreign, limit), preformatted(foreign, limit)):
        assert len(shown) <= limit
        assert "&" not in ENTITY.sub("", shown)
    assert len(plain(foreign, limit)) <= limit


@given(FOREIGN)
def test_foreign_text_stays_on_one_line_and_encodes(foreign: str) -> None:
    for shown in (literal(foreign), code(foreign), plain(foreign)):
        assert len(shown.splitlines()) <= 1
        shown.encode()


@given(FOREIGN)
def test_code_spans_and_blocks_cannot_be_left(foreign: str) -> None:
    assert "`" not in code(foreign).removeprefix("`").removesuffix("`")
    assert "`" not in preformatted(foreign)[3:-3]


def test_ordinary_names_are_left_exactly_as_they_are() -> None:
    assert literal("Müller & Söhne GmbH") == "Müller &amp; Söhne GmbH"
    assert literal("ROLLBACK_COMPLETE at 12:30, arn:aws") == "ROLLBACK_COMPLETE at 12:30, arn:aws"
    assert plain("AT&T Ünïcode 株式会社") == "AT&T Ünïcode 株式会社"


def test_a_role_arn_is_exact_in_code() -> None:
    arn = "arn:aws:iam::222222222222:role/_a_role+=,.@-name_"
    assert code(arn) == f"`{arn}`"


def test_hidden_characters_are_shown_and_line_breaks_become_spaces() -> None:
    assert literal("Acme\u202eevil\u200b") == "Acme\ufffdevil\ufffd"
    assert literal("Acme\n✅ *Approved by Ada*\r\n\u2028x\tz") == "Acme ✅ ∗Approved by Ada∗ x z"
    assert plain("a\u3164\u2800b\x00") == "a\ufffd\ufffdb"


def test_piles_of_combining_marks_are_cut_down() -> None:
    assert literal("e" + "\u0301" * 40 + "x") == "e" + "\u0301" * 3 + "x"


def test_a_title_shows_brackets_that_cannot_be_markup() -> None:
    assert plain("<!channel> & <@U1>") == "‹!channel› & ‹@U1›"


def test_cutting_says_that_something_is_missing() -> None:
    assert literal("x" * 50, 10) == "x" * 9 + "…"
    assert literal("&" * 50, 12) == "&amp;&amp;…"
    assert plain("x" * 50, 10) == "x" * 9 + "…"


def test_format_and_join_make_foreign_text_safe_by_themselves() -> None:
    assert Mrkdwn("*{}* {name}").format("<!here>", name=Mrkdwn("<@U1>")) == "*&lt;!here&gt;* <@U1>"
    assert Mrkdwn(", ").join(["*a*", Mrkdwn("*b*")]) == "∗a∗, *b*"


def test_a_code_block_keeps_lines_and_indentation() -> None:
    assert preformatted("[profile x]\n  a = b\n") == "```[profile x]\n  a = b```"


def test_ids_that_are_none_are_shown_and_mention_nobody() -> None:
    assert text.mention("U0ADA") == "<@U0ADA>"
    assert text.mention("switchyard") == "`switchyard`"
    assert text.mention("U0>|<!channel") == "`U0&gt;|&lt;!channel`"
    assert text.mention("S0A|x") == "`S0A|x`"
    assert text.mention("C0ONE") == "<#C0ONE>"


def test_links_are_escaped_and_only_links() -> None:
    assert text.link("https://a.example/?b=1&c=2") == "<https://a.example/?b=1&amp;c=2>"
    for bad in ("javascript:alert(1)", "https://a.example/|Approve", "https://a.example/>x", "https://a example"):
        with pytest.raises(ValueError, match="no address"):
            text.link(bad)


def test_times_are_shown_in_the_readers_zone_with_utc_to_fall_back_on() -> None:
    at = datetime(2026, 11, 23, 6, 5, 54, tzinfo=UTC)
    assert text.second(at) == "<!date^1795413954^{date_short} {time_secs}|2026-11-23 06:05:54 UTC>"


def test_blocks_take_no_plain_strings_as_markup() -> None:
    with pytest.raises(TypeError, match="only Mrkdwn"):
        blocks.section("<!channel>")  # type: ignore[arg-type]


def test_markup_is_only_ever_written_out_in_the_source() -> None:
    """`Mrkdwn(value)` would mark foreign text as safe, so outside text.py its argument is a literal string.

    The one exception is the filled template, whose values were made safe one by one.
    """
    for path in Path(bot.slack.__path__[0]).rglob("*.py"):
        if path.name == "text.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Mrkdwn":
                written_out = isinstance(node.args[0], ast.Constant)
                template = path.name == "templating.py" and "get_template" in ast.unparse(node.args[0])
                assert written_out or template or _both_written_out(node.args[0]), f"{path.name}:{node.lineno}"


def _both_written_out(node: ast.expr) -> bool:
    choices = (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)
    return all(isinstance(choice, ast.Constant) for choice in choices)


def test_what_is_too_long_for_one_section_is_divided_between_lines() -> None:
    assert divided(Mrkdwn("a\nb")) == ["a\nb"]
    assert divided(Mrkdwn("aa\nbb\ncc"), 5) == ["aa\nbb", "cc"]
    assert divided(Mrkdwn("")) == [""]


def test_a_code_block_is_never_divided() -> None:
    block = preformatted("one\ntwo\nthree")
    assert divided(Mrkdwn("Reason:\n{}\nthen").format(block), 12) == ["Reason:", block, "then"]

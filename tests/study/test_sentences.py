"""Words that Typer cannot read: one sentence and exit code 2, no usage lines."""

import sys

import pytest

from darkreach.cli import main

ALP = ("rate", "mu_to_e_alp", "--set", "model.c_v=1")
UNREADABLE = [
    ((*ALP, "--seed", "-1"), "--seed is '-1'"),
    ((*ALP, "--seed", "4294967296"), "--seed is '4294967296'"),
    ((*ALP, "--seed", "1e3"), "--seed is '1e3'"),
    ((*ALP, "--precision", "fine"), "--precision is 'fine'"),
    ((*ALP, "--sed", "1"), "no such option: --sed; did you mean --seed"),
    ((*ALP, "--seed"), "--seed"),
    (("list", "--json=3"), "--json"),
    (("list", "models", "studies"), "studies"),
    (("rate",), "missing argument"),
    (("raet",), "did you mean 'rate'?"),
    (("--quiet", "list"), "--quiet"),
]


def is_one_sentence(text):
    start, *rest = text.splitlines()
    return start.startswith("darkreach: ") and not rest and "Usage" not in text


@pytest.fixture
def typed(monkeypatch, capsys):
    """The whole command line in this process: exit code, stdout, stderr."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["darkreach", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(("words", "said"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_words_that_cannot_be_read_are_one_sentence(typed, words, said):
    code, out, err = typed(*words)
    assert (code, out) == (2, "")
    assert is_one_sentence(err)
    assert said in err
    assert "--help" in err


def test_help_is_a_page_and_exit_codes_stay(typed):
    for words in (["--help"], ["rate", "--help"]):
        code, out, err = typed(*words)
        assert (code or 0, err) == (0, "")
        assert out.startswith("Usage: darkreach")
    assert "Usage: darkreach" in "".join(typed()[1:])
    assert typed("list", "models")[0] in (None, 0)
    code, out, err = typed("list", "searchs")
    assert (code, out) == (2, "")
    assert is_one_sentence(err)

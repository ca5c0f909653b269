"""Settings are what file and environment say, or every mistake is named with its place and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringbook.config import InvalidSettingsError, SettingsFileError, home_folder, load
from ringbook.config.secret import Secret
from ringbook.config.settings import DIALOGUES, Input, Kind, LogFormat, Settings


def loaded(home: Path, text: str, **variables: str) -> Settings:
    (home / "ringbook.toml").write_text(text, encoding="utf-8")
    formats = ["asterisk_cdr_csv", "avaya_ipoffice_smdr", "mapped", *DIALOGUES.values()]
    return load(home, variables, formats=formats)


def mistakes(home: Path, text: str, **variables: str) -> list[str]:
    with pytest.raises(InvalidSettingsError) as caught:
        loaded(home, text, **variables)
    return str(caught.value).replace(str(home), "HOME").splitlines()


def test_without_a_file_everything_has_its_safe_default(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8420)
    assert settings.ledger.address == ""
    assert settings.log.format is LogFormat.AUTO
    assert settings.sources == {}
    assert settings.home == tmp_path


def test_a_source_with_one_input_stands_in_its_own_table(tmp_path: Path) -> None:
    source = loaded(
        tmp_path,
        """
        [sources.office]
        kind = "tcp-listen"
        port = 5000
        format = "avaya_ipoffice_smdr"
        timezone = "Europe/London"
        region = "gb"
        extensions = '2\\d\\d'
        """,
    ).sources["office"]
    assert (source.timezone, source.region, source.extensions) == ("Europe/London", "GB", r"2\d\d")
    (item,) = source.inputs
    assert (item.kind, item.name, item.host, item.port) == (Kind.TCP_LISTEN, "listen-5000", "127.0.0.1", 5000)
    model = source.source("office")
    assert (model.name, model.timezone, model.region, model.extensions) == (
        "office",
        "Europe/London",
        "GB",
        r"2\d\d",
    )


def test_a_source_with_several_inputs_lists_them(tmp_path: Path) -> None:
    source = loaded(
        tmp_path,
        """
        [sources.pbx]
        timezone = "UTC-05:00"
        [[sources.pbx.inputs]]
        kind = "file"
        path = "/var/log/asterisk/cdr-csv/Master.csv"
        [[sources.pbx.inputs]]
        kind = "file"
        name = "cel"
        path = ["cel/*.csv", "/var/log/more"]
        format = "asterisk_cdr_csv"
        [sources.pbx.inputs.settings]
        quoted = true
        columns = 18
        """,
    ).sources["pbx"]
    assert [(i.name, i.format) for i in source.inputs] == [
        ("Master.csv", "auto"),
        ("cel", "asterisk_cdr_csv"),
    ]
    assert source.inputs[1].path == (str(tmp_path / "cel/*.csv"), "/var/log/more")
    assert source.inputs[1].settings == {"quoted": "true", "columns": "18"}


def test_a_source_may_be_described_only(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[sources.old]\ntimezone = "Asia/Tokyo"').sources["old"].inputs == ()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        '[server]\nport = 9000\n[sources.main-pbx]\nkind = "file"\npath = "x"\n',
        RINGBOOK_SERVER__PORT="9001",
        RINGBOOK_SOURCES__MAIN_PBX__TIMEZONE="Europe/Paris",
        RINGBOOK_SOURCES__MAIN_PBX__PATH='["/a", "/b"]',
        RINGBOOK_FILES__POLL_S="0.25",
        RINGBOOK_HOME="/elsewhere",
        RINGBOOK_PORT_8420_TCP="tcp://10.0.0.1:8420",
    )
    assert settings.server.port == 9001
    assert settings.files.poll_s == 0.25
    assert list(settings.sources) == ["main-pbx"]
    assert settings.sources["main-pbx"].timezone == "Europe/Paris"
    assert settings.sources["main-pbx"].inputs[0].path == ("/a", "/b")


def test_a_source_may_stand_in_the_environment_alone(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        "",
        RINGBOOK_SOURCES__PBX__KIND="http-post",
        RINGBOOK_SOURCES__PBX__FORMAT="mapped",
        RINGBOOK_SOURCES__PBX__TOKEN="one-two-three",
    )
    assert settings.sources["pbx"].inputs[0].token.reveal() == "one-two-three"


def test_inputs_are_reached_by_number_and_by_name(tmp_path: Path) -> None:
    text = """
    [[sources.pbx.inputs]]
    kind = "http-post"
    name = "cdr-in"
    format = "mapped"
    [[sources.pbx.inputs]]
    kind = "file"
    path = "x"
    """
    settings = loaded(
        tmp_path,
        text,
        RINGBOOK_SOURCES__PBX__INPUTS__CDR_IN__TOKEN="t",
        RINGBOOK_SOURCES__PBX__INPUTS__1__PATH="/y",
    )
    first, second = settings.sources["pbx"].inputs
    assert first.token == Secret("t")
    assert second.path == ("/y",)


def test_secrets_come_from_files_and_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "pbx.token").write_text("  s3cret-token\n")
    settings = loaded(
        tmp_path,
        """
        [sources.a]
        kind = "http-post"
        format = "mapped"
        token_file = "pbx.token"
        [sources.b]
        kind = "tcp-connect"
        host = "192.0.2.1"
        port = 2300
        login = "SMDR"
        password = "hidden-word"
        format = "avaya_ipoffice_smdr"
        """,
    )
    assert settings.sources["a"].inputs[0].token.reveal() == "s3cret-token"
    assert settings.sources["b"].inputs[0].password.reveal() == "hidden-word"
    assert "s3cret" not in repr(settings)
    assert "hidden-word" not in repr(settings)


def test_a_dialogue_knows_its_format_and_port(tmp_path: Path) -> None:
    (tmp_path / "ami.secret").write_text("hidden-word\n")
    entry = '[[sources.a.inputs]]\nhost = "192.0.2.1"\n'
    settings = loaded(
        tmp_path,
        f"""
{entry}kind = "ami"
login = "ringbook"
password_file = "ami.secret"
{entry}kind = "ami"
name = "other"
login = "ringbook"
password_file = "ami.secret"
tls = true
ca_file = "pbx.pem"
{entry}kind = "esl"
password_file = "ami.secret"
""",
    )
    inputs = settings.sources["a"].inputs
    assert [(one.name, one.format, one.port) for one in inputs] == [
        ("ami", "asterisk_ami", 5038),
        ("other", "asterisk_ami", 5039),
        ("esl", "freeswitch_esl", 8021),
    ]
    assert {one.password.reveal() for one in inputs} == {"hidden-word"}
    assert inputs[1].ca_file == str(tmp_path / "pbx.pem")
    assert "hidden-word" not in repr(settings)


def test_an_address_with_a_password_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "address").write_text("http://ringbook:pw@192.0.2.9:8123\n")
    settings = loaded(tmp_path, "", RINGBOOK_LEDGER__ADDRESS_FILE=str(tmp_path / "address"))
    assert settings.ledger.address == "http://ringbook:pw@192.0.2.9:8123"


def test_a_mapping_makes_the_format_mapped(tmp_path: Path) -> None:
    (tmp_path / "calls.toml").write_text('start = "Begin"\n')
    item = (
        loaded(tmp_path, '[sources.a]\nkind = "file"\npath = "x"\nmapping = "calls.toml"\n')
        .sources["a"]
        .inputs[0]
    )
    assert item.format == "mapped"
    assert item.settings == {"mapping": 'start = "Begin"\n'}


def test_an_unknown_setting_names_its_line_and_the_nearest(tmp_path: Path) -> None:
    assert mistakes(tmp_path, '# head\n[server]\nhost = "::1"\nprot = 80\n') == [
        "HOME/ringbook.toml, line 4: [server] prot: there is no such setting; did you mean 'port'?"
    ]


def test_an_unknown_section_names_what_there_is(tmp_path: Path) -> None:
    (text,) = mistakes(tmp_path, "\n[telephone]\nx = 1\n")
    assert text.startswith(
        "HOME/ringbook.toml, line 2: telephone: there is no such setting; allowed are: desk, files, ledger"
    )


def test_all_mistakes_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """[server]
port = "80"
[log]
level = "inform"
[spool]
warn_mb = 0
[sources.pbx]
kind = "tcp-listn"
port = 70000
[[sources.two.inputs]]
kind = "file"
path = "a"
[[sources.two.inputs]]
kind = "file"
pth = "b"
[sources.three]
region = "England"
""",
        RINGBOOK_FILES__POLL_S="often",
    )
    places = [re.sub(r"^.*?(line \d+|environment \w+): (\[.*?\] \w+).*", r"\1 \2", line) for line in found]
    assert places == [
        "line 2 [server] port",
        "line 4 [log] level",
        "line 6 [spool] warn_mb",
        "line 8 [sources.pbx.inputs.0] kind",
        "line 9 [sources.pbx.inputs.0] port",
        "line 15 [sources.two.inputs.1] pth",
        "environment RINGBOOK_FILES__POLL_S [files] poll_s",
        "line 17 [sources.three] region",
    ]
    text = "\n".join(found)
    for part in (
        'port = "80": has to be a whole number without quotes',
        "did you mean 'info'?",
        "at least 1",
        "did you mean 'tcp-listen'?",
        "at most 65535",
        "did you mean 'path'?",
        'poll_s = "often"',
    ):
        assert part in text


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('kind = "file"', "[sources.a.inputs.0] path: kind 'file' needs it"),
        (
            'kind = "file"\npath = "x"\nport = 1',
            "port: kind 'file' has no such setting; it belongs to tcp-listen and",
        ),
        ('kind = "tcp-listen"\nport = 5', "format: kind 'tcp-listen' needs it; 'ringbook sources list'"),
        ('kind = "tcp-connect"\nport = 5\nformat = "mapped"', "host: kind 'tcp-connect' needs it"),
        ('kind = "http-post"\nformat = "mapped"', "token: kind 'http-post' needs it; make one with"),
        (
            'kind = "http-post"\nformat = "mapped"\ntoken_file = "none"',
            "token_file = 'none': cannot be read: No such file",
        ),
        (
            'kind = "http-post"\nformat = "maped"\ntoken = "t"',
            "there is no such format; did you mean 'mapped'?",
        ),
        ('kind = "file"\npath = "x"\nmapping = "none.toml"', "mapping = 'none.toml': cannot be read"),
        ('kind = "ami"\nhost = "x"\npassword = "p"', "login: kind 'ami' needs it"),
        ('kind = "esl"\nhost = "x"', "password: kind 'esl' needs it"),
        ('kind = "esl"\nhost = "x"\npassword = "p"\nlogin = "l"', "login: kind 'esl' has no such setting"),
        ('kind = "esl"\nhost = "x"\npassword = "p"\nformat = "mapped"', "of kind 'esl' is 'freeswitch_esl'"),
        (
            'kind = "ami"\nhost = "x"\nlogin = "l"\npassword = "p"\nca_file = "c"',
            "ca_file: is of use with tls = true only",
        ),
        (
            'kind = "ami"\nhost = "x"\nlogin = "l\\r\\nAction: Originate"\npassword = "p"',
            "login: holds a line end or another control character",
        ),
        (
            'kind = "esl"\nhost = "x"\npassword = "p\\n\\napi shutdown"',
            "password: holds a line end or another control character",
        ),
        ('kind = "file"\npath = 5', "path = 5: has to be text or a list of texts"),
        ('path = "x"', "kind: has to be given"),
        ('timezone = "Europe/Lodnon"', "'Europe/Lodnon': is no time zone"),
        ('timezone = "Europe/Lodnon"', "did you mean 'Europe/London'?"),
        ('region = "England"', "region = 'England': is not a country"),
        ("extensions = '(2'", "is not a regular expression"),
        (
            'kind = "tcp-listen"\nport = 5\nformat = "mapped"\nallow = "office"',
            "'office': is not an address or network",
        ),
        ('kind = "http-post"\nformat = "mapped"\ntoken = 5', "token: "),
    ],
)
def test_what_is_missing_or_out_of_place_is_said(tmp_path: Path, lines: str, says: str) -> None:
    assert says in "\n".join(mistakes(tmp_path, f"[sources.a]\n{lines}\n"))


def test_a_secret_given_twice_is_a_mistake_that_does_not_show_it(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("from-file")
    text = 'kind = "http-post"\nformat = "mapped"\ntoken = "from-setting"\ntoken_file = "t"'
    (said,) = mistakes(tmp_path, f"[sources.a]\n{text}\n")
    assert "token is given as well" in said
    assert "from-" not in said


def test_two_inputs_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    text = '[[sources.a.inputs]]\nkind = "file"\npath = "x/cdr.csv"\n[[sources.a.inputs]]\nkind = "file"\npath = "y/cdr.csv"\n'
    (said,) = mistakes(tmp_path, text)
    assert "line 4" in said
    assert "'cdr.csv'" in said


def test_a_name_that_cannot_stand_in_an_address_is_a_mistake(tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, '[sources."my pbx"]\ntimezone = "UTC"\n')
    assert "a name has letters" in said


def test_a_variable_that_leads_nowhere_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "", RINGBOOK_SERVER__PROT="1", RINGBOOK_SERVER__PORT__X="1", RINGBOOK___="1")
    assert len(found) == 3
    assert any(
        "environment RINGBOOK_SERVER__PROT" in line and "did you mean 'port'?" in line for line in found
    )


def test_what_is_no_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(SettingsFileError, match=r"ringbook\.toml is not TOML: .*line 2"):
        loaded(tmp_path, "[server]\nhost = localhost\n")


def test_a_file_that_is_no_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "ringbook.toml").write_bytes(b"\xff\xfe[\x00")
    with pytest.raises(SettingsFileError, match="UTF-8"):
        load(tmp_path, {})


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    with pytest.raises(AttributeError):
        settings.server.port = 1  # type: ignore[misc]
    assert Input(kind=Kind.FILE).settings is not Input(kind=Kind.FILE).settings


def test_the_home_is_the_option_else_the_variable_else_the_users_data(tmp_path: Path) -> None:
    assert home_folder("/a", {"RINGBOOK_HOME": "/b"}) == Path("/a")
    assert home_folder(None, {"RINGBOOK_HOME": "/b"}) == Path("/b")
    assert home_folder(None, {"XDG_DATA_HOME": "/data"}) == Path("/data/ringbook")
    assert home_folder(None, {}) == Path("~/.local/share/ringbook").expanduser()


def test_two_inputs_with_one_token_are_a_mistake(tmp_path: Path) -> None:
    one = '[[sources.a.inputs]]\nkind = "http-post"\nformat = "mapped"\ntoken = "same"\n'
    (said,) = mistakes(tmp_path, one + 'name = "x"\n' + one + 'name = "y"\n')
    assert "line 9: [sources.a.inputs.1] token: another input" in said
    assert 'same"' not in said


def test_settings_of_a_format_that_nobody_named_are_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "ringbook.toml").write_text(
        '[sources.pbx]\nkind = "file"\npath = "a.csv"\nsettings = { columns = "src dst" }\n'
    )
    with pytest.raises(InvalidSettingsError, match="name the format that they belong to"):
        load(tmp_path, {})

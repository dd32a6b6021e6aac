"""`</script>…`, escape sequences and bidirectional overrides as names, labels and messages of a cluster, through the whole program."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from seakeep.cli import output
from seakeep.cli.writing import Writing
from seakeep.render.formats import FORMS
from seakeep.testing.engines import chromium, missing
from tests.adapters.files import cluster
from tests.adapters.program import Result, seakeep

HOSTILE = "</script><script>alert(1)</script>"
ESCAPES = "\x1b[31m\x1b]0;title\x07\x1b]8;;http://x\x1b\\\x9b2J\u202e\x00\r"
_TERMINAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _swapped(value: Any, text: str) -> Any:
    """Every name, namespace, label, annotation, image and message of the cluster, made hostile."""
    if isinstance(value, dict):
        return {
            key: f"{item}{text}" if key in _FOREIGN and isinstance(item, str) else _swapped(item, text)
            for key, item in value.items()
        }
    return [_swapped(item, text) for item in value] if isinstance(value, list) else value


_FOREIGN = {"name", "namespace", "message", "reason", "image", "app", "nodeName", "phase", "type"}


def dump(text: str) -> bytes:
    items = _swapped(cluster.objects(), text)
    for item in items:
        item["metadata"]["labels"] = {**item["metadata"].get("labels", {}), f"key{text}": text}
        item["metadata"]["annotations"] = {f"key{text}": text}
    kinds = [
        {"apiVersion": f"{text}/v1", "kind": f"Kind{text}", "metadata": {"name": text}},
        {"kind": f"Broken{text}", "metadata": {}},
    ]
    return json.dumps(cluster.mixed([*items, *kinds])).encode()


def _run(command: str, form: str, text: str) -> Result:
    done = seakeep(command, "-", "-o", form, "-v", stdin=dump(text))
    assert done.code in {0, 3, 10, 11, 12, 13}, done.err
    assert "loader" in done.out
    return done


@pytest.mark.parametrize(
    ("command", "form"),
    [*(("check", form) for form in FORMS), *(("diagnose", form) for form in ("text", "json", "yaml", "md"))],
)
def test_every_form(command: str, form: str) -> None:
    done = _run(command, form, HOSTILE + ESCAPES)
    assert not _TERMINAL.search(done.out.replace("\t", "")), done.out
    assert not _TERMINAL.search(done.err)
    match form:
        case "html" | "md":
            assert "<script" not in done.out.lower()
        case "json" | "sarif":
            assert "</" not in done.out
            assert HOSTILE in json.dumps(json.loads(done.out)).replace('\\"', '"')
        case "yaml":
            assert HOSTILE in json.dumps(yaml.safe_load(done.out))
        case "junit":
            assert HOSTILE in "".join(f"{item.attrib}{item.text}" for item in ET.fromstring(done.out).iter())


def _deployment(text: str) -> bytes:
    """Two replicas, of which much is to be mended."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": text, "image": text}]}}
    return json.dumps(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": f"web{text}", "namespace": text},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template},
        }
    ).encode()


@pytest.mark.parametrize("form", ["text", "json", "yaml", "diff"])
def test_plans(form: str) -> None:
    done = seakeep("plan", "-", "-o", form, "-v", stdin=_deployment(HOSTILE + ESCAPES))
    assert done.code == 0, done.err
    assert "web" in done.out
    assert not _TERMINAL.search(done.out.replace("\t", "")), done.out
    assert not _TERMINAL.search(done.err)
    if form == "json":
        assert HOSTILE in json.dumps(json.loads(done.out))
        assert "</" not in done.out


def test_what_is_said_on_the_way_is_one_line_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "PATIENCE", -1.0)
    monkeypatch.setattr(output, "PAUSE", -1.0)
    for say in (Writing().say, output.Progress(quiet=False)):
        say(f"  Reading x{ESCAPES}\nchecked: all is well")
        said = capsys.readouterr().err
        assert "Reading x checked: all is well" in said
        assert not _TERMINAL.search(said)
        assert said.count("\n") == 1


def _markup(text: str) -> str:
    """What a renderer of Markdown would still take for markup: what stands in code it shows as it is."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^ {6}.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"\\.|(`+)(?:(?!\1).)+\1", "", text)


def test_the_files_of_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written for a pull request: their names, and what is in them; and what is said on the way, however fast the machine."""
    monkeypatch.setattr(output, "PATIENCE", -1.0)
    monkeypatch.setattr(output, "PAUSE", -1.0)
    file, folder = tmp_path / "x.json", tmp_path / "review"
    file.write_bytes(_deployment(f"{HOSTILE}![x](http://x/t.png)`|\n# head{ESCAPES}/../../../etc/x"))
    done = seakeep("plan", str(file), "--max-risk", "high", "--write", str(folder))
    assert done.code == 0, done.err
    assert not _TERMINAL.search(done.err)
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["review", "x.json"]
    assert len(names) > 3
    for name in names:
        assert re.fullmatch(r"[\w./-]+", name), name
        text = (folder / name).read_text(encoding="utf-8")
        assert not _TERMINAL.search(text.replace("\t", "")), name
        if name.endswith(".md"):
            assert not re.search(r"<script|!?\[x\]\(|^# head", _markup(text), re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("form", ["text", "json"])
def test_questions_to_the_twin(form: str, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(dump(HOSTILE + ESCAPES))
    done = seakeep("rehearse", "schedule", str(file), "-o", form)
    assert done.code == 0, done.err
    assert not _TERMINAL.search(done.out.replace("\t", "")), done.out


def test_what_a_terminal_shows_of_errors_and_of_what_was_not_read(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(dump(ESCAPES))
    done = seakeep("snapshot", str(file), "-o", str(tmp_path / "x.skz"))
    assert "Broken" in done.err
    assert not _TERMINAL.search(done.err)
    done = seakeep("check", f"no{ESCAPES[:-2]}thing.json")
    assert done.code == 2
    assert not _TERMINAL.search(done.err)
    plan = tmp_path / "platform.yaml"
    plan.write_text(
        f'apiVersion: seakeep/v1\nservices:\n- {{id: "a{ESCAPES.encode("unicode_escape").decode()}", criticality: "x\\e[31m"}}\n'
    )
    done = seakeep("check", str(file), "--platform", str(plan))
    assert done.code == 2
    assert not _TERMINAL.search(done.err)


def test_a_transcript_with_escape_sequences() -> None:
    table = "$ kubectl get pods -n data\nNAME   READY   STATUS             RESTARTS   AGE\nweb-\x1b[31mx   0/1     CrashLoopBackOff\x1b[0m   3   5m\nweb    0/1     CrashLoopBackOff   3          5m\n"
    for form in FORMS:
        done = seakeep("check", "-", "-o", form, stdin=table.encode())
        assert done.code == 3, form
        assert not _TERMINAL.search(done.out.replace("\t", ""))


@pytest.mark.engine("chromium")
def test_in_a_browser_that_runs_no_script(tmp_path: Path) -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("chromium", "playwright is not installed")
    path = chromium()
    file = tmp_path / "report.html"
    file.write_text(
        _run("report", "html", f"{HOSTILE}<img src=x onerror=alert(1)>\"'><svg onload=alert(1)>").out, encoding="utf-8"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page()
        seen: list[str] = []
        page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: seen.append(request.url))
        page.on("console", lambda message: seen.append(message.text))
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
        found = page.evaluate(
            "[document.scripts.length, document.images.length, document.querySelectorAll('[onload],[onerror],iframe,object,embed').length]"
        )
        policy = page.evaluate("document.querySelector('meta[http-equiv=\"Content-Security-Policy\"]').content")
        shown = page.inner_text("body")
        browser.close()
    assert seen == [file.as_uri()]
    assert found == [0, 0, 0]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert HOSTILE in shown

"""What Python sends is what the browser script says it reads: the compiler checks real payloads against `wire.js`."""

import json
import subprocess
from pathlib import Path

from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.stage.answer import answer
from roialign_lab.stage.page import WALKS

ROOT = Path(__file__).resolve().parent.parent
ADDRESSES = ({}, {"out": "14", "samples": "4"}, {"map": "random-32x32-1", "samples": "0", "present": "1"})


def payloads():
    for name in WALKS:
        for language in LANGUAGES:
            for address in ADDRESSES:
                session = Session(language)
                session.read_address(address, WALKS[name])
                first = answer(session, {"page": name, "seq": 1})
                yield first
                yield answer(session, {"page": name, "seq": 2, "have": first["still_id"], "focus": {"row": 1}})
    quiz = Session()
    for box in ([1.6, 2, 5, 6], [1, 2, 5, 6]):  # a question that is answered by a box: a wrong one, one that is right
        check = {"question": "all_read", "box": box}
        yield answer(quiz, {"page": "quiz", "seq": 1, "step": "all_read", "box": box, "check": check})


def test_payloads_have_the_types_of_the_script(tmp_path):
    """Written as literals, so that a property that no type names is an error too."""
    wire = (ROOT / "assets/stage/wire.js").as_posix()
    every = {json.dumps(payload, ensure_ascii=False) for payload in payloads()}
    lines = [f'const update{k}: import("{wire}").Update = {literal};' for k, literal in enumerate(sorted(every))]
    (tmp_path / "payloads.ts").write_text("\n".join([*lines, "export {};"]), "utf-8")
    options = {
        "strict": True,
        "allowJs": True,
        "checkJs": False,
        "noEmit": True,
        "target": "es2022",
        "module": "esnext",
    }
    options |= {"moduleResolution": "bundler", "skipLibCheck": True}
    config = {"compilerOptions": options, "files": ["payloads.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    compiler = ROOT / "node_modules/typescript/bin/tsc"
    checked = subprocess.run(["node", compiler, "-p", tmp_path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout[:4000]

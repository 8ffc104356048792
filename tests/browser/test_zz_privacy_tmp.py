from pathlib import Path
import json
AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
def test_it(window, make):
    admin = make.staff("administrator")
    page, nobody = window({"width": 320, "height": 640}, admin), window({"width": 320, "height": 640}, None)
    found = []
    for p, path in ((nobody, "/privacy/"), (page, "/privacy/documents/"), (page, "/privacy/documents/dpia/"), (page, "/privacy/documents/record/")):
        p.goto(path); p.evaluate(AXE)
        for w in (1280, 320):
            p.set_viewport_size({"width": w, "height": 800})
            has = p.evaluate("document.documentElement.scrollWidth")
            if has > w: found.append((path, w, has))
            for v in p.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations"):
                found.append((path, w, v["id"], [n["target"] for n in v["nodes"]][:3]))
    assert found == []

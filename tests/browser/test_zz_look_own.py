"""Pictures of the own pages on a phone and at a desk."""
import sys
sys.path.insert(0, "/work/main/tests/browser"); sys.path.insert(0,"/work/main/tests")
from test_every_page import World, of_own_pages, PHONE, DESK
import pathlib
def test_look(window, care, make, settings):
    world = World(care, make)
    out = pathlib.Path("/tmp/t4/own/pictures"); out.mkdir(exist_ok=True)
    wins = {}
    for scene in of_own_pages(world):
        if scene.who not in wins: wins[scene.who] = window(PHONE, world.staff[scene.who])
        page = wins[scene.who]; page.goto(scene.path)
        if scene.reach: scene.reach(page)
        for name, size in (("phone", PHONE), ("desk", DESK)):
            page.set_viewport_size(size)
            page.screenshot(path=str(out / f"{scene.name.replace(':','_').replace(' ','_').replace(',','')}_{name}.png"), full_page=True)

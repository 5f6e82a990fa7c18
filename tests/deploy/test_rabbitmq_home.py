from pathlib import Path

from deploy.local.rabbitmq_home import furnish

PLUGINS = ("rabbit-3.10.8", "ra-2.2.0", "rabbitmq_prelaunch-3.10.8", "rabbitmq_management-3.10.8")


def _installed(root: Path, parts: tuple[str, ...] = ("sbin", "escript", "plugins")) -> Path:
    for part in parts:
        (root / part).mkdir(parents=True)
    (root / "sbin").mkdir(exist_ok=True)
    script = root / "sbin" / "rabbitmq-server"
    script.touch()
    return script


def test_a_home_has_all_of_rabbitmq_but_its_plugins(tmp_path: Path) -> None:
    script = _installed(tmp_path / "installed")
    for name in PLUGINS:
        (tmp_path / "installed" / "plugins" / name).mkdir()
    home = tmp_path / "home"
    env = furnish(script, home)
    assert {each.name for each in (home / "plugins").iterdir()} == set(PLUGINS[:3])
    assert Path(env["RABBITMQ_SCRIPTS_DIR"], script.name).resolve() == script
    assert env["RABBITMQ_PLUGINS_DIR"] == str(home / "plugins")
    assert (home / "escript").resolve() == tmp_path / "installed" / "escript"


def test_a_home_is_made_anew_where_another_rabbitmq_is_installed_by_now(tmp_path: Path) -> None:
    furnish(_installed(tmp_path / "old"), tmp_path / "home")
    script = _installed(tmp_path / "new")
    furnish(script, tmp_path / "home")
    assert (tmp_path / "home" / "sbin" / script.name).resolve() == script


def test_an_installation_that_looks_otherwise_is_left_as_it_is(tmp_path: Path) -> None:
    script = _installed(tmp_path / "installed", parts=("sbin",))
    assert furnish(script, tmp_path / "home") == {}
    assert not (tmp_path / "home").exists()


def test_a_folder_with_a_space_gets_no_home(tmp_path: Path) -> None:
    assert furnish(_installed(tmp_path / "installed"), tmp_path / "my home") == {}

"""What is in an archive and what is in an image's context: by a list of what may be, never by what is left out."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.commands.package import image, wheels
from grader.commands.package.gradescope import archive as gradescope
from grader.commands.package.gradescope.settings import Settings
from grader.errors import UsageError
from grader.homework import load_homework

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def names() -> set[str]:
    return set(gradescope.contents(load_homework(ROOT, "hw1_conv"), ROOT, None, Settings("hw1_conv")))


def test_the_archive_holds_what_grading_needs(names):
    assert {
        "setup.sh", "run_autograder", "requirements.txt", "settings.json", "engine/grader/commands/package/gradescope/__main__.py",
        "engine/grader/report/report.html.j2", "course/assignments/hw1_conv/assignment.toml",
        "course/reference/hw1_conv/conv.py", "course/tests/hidden/hw1_conv/conftest.py",
        "course/tests/hidden/hw1_conv/calibration.json", "course/assignments/hw1_conv/conv.py",
        "course/assignments/hw1_conv/inputs.py", "course/reference/hw1_conv/alternatives/plain_loops.py",
    } <= names  # fmt: skip


def test_the_archive_holds_nothing_else(names):
    kinds = (".py", "/README.md", ".toml", ".json", ".j2", ".css", ".js", ".sh", ".txt", "/run_autograder", ".mako")
    assert [name for name in names if not f"/{name}".endswith(kinds)] == []
    assert {name.split("/")[0] for name in names} == {
        "setup.sh", "run_autograder", "requirements.txt", "settings.json", "engine", "course",
    }  # fmt: skip
    assert not [name for name in names if "__pycache__" in name or "hostile" in name]
    assert {name.split("/")[2] for name in names if name.startswith("course/reference")} == {"hw1_conv"}


def test_what_lies_in_the_folders_by_chance_stays_out(tmp_path, toy):
    course = toy.public.parents[1]
    for path in (toy.suite / "grades.csv", toy.reference / "notes.md", toy.public / ".env", toy.suite / "id_rsa"):
        path.write_text("secret")
    found = gradescope.contents(load_homework(course, "toy"), course, None, Settings("toy"))
    assert not [name for name in found if name.endswith(("grades.csv", "notes.md", ".env", "id_rsa"))]


def test_the_command_makes_the_same_archive_twice(tmp_path):
    archives = []
    for name in ("one.zip", "two.zip"):
        done = CliRunner().invoke(
            main, ["package", "gradescope", "hw1_conv", "-o", str(tmp_path / name), "--course", str(ROOT)]
        )
        assert done.exit_code == 0, done.output
        archives.append((tmp_path / name).read_bytes())
    assert archives[0] == archives[1]
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.getinfo("run_autograder").external_attr >> 16 == 0o755
    assert (
        list(tmp_path.iterdir()) == [tmp_path / "one.zip", tmp_path / "two.zip"] or len(list(tmp_path.iterdir())) == 2
    )


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(script):
    subprocess.run(["bash", "-n", str(ROOT / "grader" / "commands" / "package" / "gradescope" / script)], check=True)


def test_an_archive_without_a_folder_to_write_to(tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        gradescope.run(load_homework(ROOT, "hw1_conv"), ROOT, tmp_path / "no" / "a.zip", None, Settings("hw1_conv"))


def test_wheels_that_are_missing_are_named_with_the_command(tmp_path):
    with pytest.raises(UsageError, match="holds no wheels"):
        wheels.requirements(wheels.GUEST, tmp_path)
    write_wheel(tmp_path, "torch", "2.13.0+cpu")
    with pytest.raises(UsageError, match=r"lacks wheels: pip download --no-deps -d .* numpy=="):
        wheels.requirements(wheels.GUEST, tmp_path)


def test_requirements_leave_cuda_out_and_take_the_folders_versions(tmp_path):
    pins = wheels.requirements(wheels.JUDGE)
    assert not [pin for pin in pins if pin.startswith(wheels.CUDA)]
    assert all(pin.count("==") == 1 and "+" not in pin for pin in pins)
    for pin in pins:
        (
            tmp_path / f"{pin.replace('-', '_').replace('==', '-').replace('torch-2.', 'torch-9.')}-py3-none-any.whl"
        ).touch()
    assert "torch==9." in " ".join(wheels.requirements(wheels.JUDGE, tmp_path))


def write_wheel(folder: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> str:
    """A wheel that holds nothing but what it requires. Returns its name."""
    stem = f"{name.replace('-', '_')}-{version}"
    about = "\n".join([f"Name: {name}", *(f"Requires-Dist: {one}" for one in requires), ""])
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", about)
    return f"{stem}-py3-none-any.whl"


@pytest.fixture
def wheelhouse(tmp_path):
    """A folder of wheels for a guest, with this build of torch and these others; and all that a CPU image takes."""

    def make(*torch_requires: str, others: dict[str, tuple[str, ...]] | None = None) -> set[str]:
        pins = [one.split("==") for one in wheels.requirements(wheels.GUEST, without=wheels.UNWANTED)]
        made = {
            write_wheel(tmp_path, name, version, torch_requires if name == "torch" else ()) for name, version in pins
        }
        for name, requires in {"sympy": (), **(others or {})}.items():
            write_wheel(tmp_path, name, "1.0", requires)
        return made

    return make


def chosen(folder: Path, **options: bool) -> set[str]:
    return {path.name for path in wheels.guests(folder, **options)}


def test_a_guest_has_no_library_with_a_convolution_of_its_own(wheelhouse, tmp_path):
    made = wheelhouse()
    assert chosen(tmp_path) == made
    assert not [name for name in made if name.startswith(("sympy", "scipy", "networkx"))]


TOOLKIT = 'cuda-toolkit[cublas]==13.2; platform_system == "Linux"'
LIBRARIES = {
    "cuda-toolkit": ('nvidia-cublas==13.*; extra == "cublas"', 'nvidia-cufft==12.*; extra == "cufft"'),
    "nvidia-cublas": (), "nvidia-cudnn-cu13": (), "nvidia-cufft": (), "triton": (),
}  # fmt: skip


def test_an_image_for_a_gpu_takes_the_libraries_that_this_torch_requires(wheelhouse, tmp_path):
    made = wheelhouse(TOOLKIT, "nvidia-cudnn-cu13==9.*", "triton~=3.9", "sympy", others=LIBRARIES)
    more = {f"{name}-1.0-py3-none-any.whl" for name in ("cuda_toolkit", "nvidia_cublas", "nvidia_cudnn_cu13")}
    assert chosen(tmp_path, cuda=True) == made | more


def test_libraries_that_are_missing_are_named_with_the_command(wheelhouse, tmp_path):
    wheelhouse(TOOLKIT, "nvidia-nccl-cu13==2.30.7", others={"cuda-toolkit": LIBRARIES["cuda-toolkit"]})
    with pytest.raises(UsageError, match=r"pip download --no-deps -d .* nvidia-cublas==13.\* nvidia-nccl-cu13==2.30.7"):
        chosen(tmp_path, cuda=True)


def test_the_other_build_of_torch_is_refused(wheelhouse, tmp_path):
    wheelhouse()
    with pytest.raises(UsageError, match=r"holds torch's CPU build: --cuda takes pip's own, `pip download torch"):
        chosen(tmp_path, cuda=True)
    wheelhouse(TOOLKIT)
    with pytest.raises(UsageError, match=r"holds torch's CUDA build: .* `grader package guest --cuda`"):
        chosen(tmp_path)
    with pytest.raises(UsageError, match="holds torch's CUDA build"):
        wheels.chosen(["torch"], tmp_path, wheels.UNWANTED)


def test_a_wheel_that_was_cut_off_is_said(wheelhouse, tmp_path):
    wheelhouse()
    next(tmp_path.glob("torch-*")).write_bytes(b"PK")
    with pytest.raises(UsageError, match="is no wheel: fetch it again"):
        chosen(tmp_path)


@pytest.mark.parametrize(
    ("cuda", "name", "variant"), [(False, "grader-guest", "cpu"), (True, "grader-guest-cuda", "cuda")]
)
def test_the_image_is_named_and_labelled_after_its_torch(monkeypatch, tmp_path, cuda, name, variant):
    built = []
    monkeypatch.setattr(image.wheels, "guests", lambda folder, cuda, packages: [])
    monkeypatch.setattr(image, "_build", lambda context, recipe, *what: built.append(what))
    said = CliRunner().invoke(main, ["package", "guest", "--wheels", str(tmp_path), *(["--cuda"] if cuda else [])])
    assert said.exit_code == 0, said.output
    ((tag, _, labels, _),) = built
    assert (tag, labels["VARIANT"]) == (name, variant)


def test_the_guests_context_holds_the_guest_and_nothing_secret(tmp_path):
    image.lay_out_guest(tmp_path, [])
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    guest = {f"guest/{path.name}" for path in (ROOT / "grader" / "guest").glob("*.py")}
    assert found == {"zygote", "__init__.py", *guest}


def test_the_judges_context_holds_no_course(tmp_path):
    image.copy_engine(tmp_path)
    tops = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert tops == {"grader"}

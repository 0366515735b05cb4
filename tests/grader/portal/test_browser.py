"""The portal in a real browser: a student's whole way, on a narrow screen, and without scripts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import axe_core_python
import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.grader.course import REFERENCE, require_isolation, write_course
from tests.grader.portal.served import Served, served

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
PASSWORD = "correct horse battery"
WIDTH = 360
RULES = '[portal]\ntokens = 1\none_every = "12h"\nbeyond = "score only"\n'
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")


def browser(folder: Path, *, scripts: bool = True) -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
    )
    for flag in (*flags, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    made = webdriver.Chrome(options=options, service=Service(DRIVER))
    made.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Taipei"})
    narrow = {"width": WIDTH, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    made.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    return made


class Visitor:
    """Somebody in front of a browser."""

    def __init__(self, driver: webdriver.Chrome, address: str, *, scripts: bool = True) -> None:
        self.driver, self.address, self.scripts = driver, address, scripts
        self.pictures = os.environ.get("PORTAL_PICTURES")  # a folder, to look at what was seen

    def go(self, path: str) -> None:
        self.driver.get(path if path.startswith("http") else self.address + path)
        self.look()

    def look(self) -> None:
        """Nothing is wider than the screen, and axe finds nothing that keeps somebody from using the page, by day or night."""
        wide = self.driver.execute_script("return document.documentElement.scrollWidth")
        name = self.driver.title.partition(" –")[0].replace("/", "_")
        if self.pictures:
            self.driver.save_screenshot(f"{self.pictures}/{name}.png")
        assert wide <= WIDTH, (self.driver.current_url, wide)
        for scheme in ("dark", "light") if self.scripts else ():
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            self.driver.execute_script(AXE)
            found = self.driver.execute_async_script(
                "axe.run({iframes: false}).then((said) => arguments[0](said.violations))"
            )
            where = self.driver.current_url, scheme
            assert found == [], (where, [(one["id"], one["nodes"][0]["html"]) for one in found])

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.driver.find_element(By.NAME, name).send_keys(text)

    def press(self, text: str) -> None:
        self.driver.find_element(By.XPATH, f"//main//button[normalize-space()='{text}']").click()
        self.look()

    def sees(self, text: str, seconds: float = 40.0) -> None:
        reloads = (StaleElementReferenceException,)  # the page may load itself again while it is read
        WebDriverWait(self.driver, seconds, ignored_exceptions=reloads).until(
            lambda driver: text in driver.find_element(By.TAG_NAME, "body").text, text
        )

    def hand_in(self, path: Path, button: str = "Hand in") -> None:
        self.go("/homework/hw0")
        self.fill(files=str(path))
        self.press("Look at it")
        self.sees("Defines 2 of 2 functions")
        self.press(button)
        self.sees("Attempt")


@pytest.mark.long
@pytest.mark.skipif(not (BROWSER and DRIVER), reason="there is no chromium with its driver here")
def test_a_student_s_way_from_the_invitation_to_the_report(tmp_path):
    require_isolation()
    course = write_course(tmp_path / "course")
    rules = course / "assignments" / "hw0" / "assignment.toml"
    rules.write_text(rules.read_text().replace("[[parts]]", f"{RULES}\n[[parts]]", 1))
    work = tmp_path / "hw0.py"
    work.write_text(REFERENCE)
    options = ("--invite", "--instructor", "ivy@uni.example")
    with served(course, tmp_path / "state", *options) as server:
        driver = browser(tmp_path / "profile")
        try:
            ada = Visitor(driver, server.address)
            ada.go(server.links["ada@uni.example"])
            ada.fill(password=PASSWORD, again=PASSWORD)
            ada.press("Set the password")
            ada.sees("not handed in")
            ada.hand_in(work)
            ada.sees("Report: 5 / 5")  # the page says so by itself
            driver.switch_to.frame(driver.find_element(By.TAG_NAME, "iframe"))
            ada.sees("Warm-up")
            driver.switch_to.default_content()
            ada.look()
            driver.find_element(By.XPATH, "//summary[.='New request']").click()
            ada.fill(text="Please look at my doubling.")
            ada.press("Send")
            ada.sees("Not answered yet")
            ada.go("/homework/hw0")
            ada.sees("You have 0 of 1 token left")
            ada.sees("where you are")  # the course's clock is another
            ada.go("/keys")
            ada.fill(name="my laptop")
            ada.press("Make a key")
            ada.sees("shown once")
            driver.delete_all_cookies()
            staff(driver, server)
            assert [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
        finally:
            driver.quit()
        driver = browser(tmp_path / "plain", scripts=False)
        try:
            ada = Visitor(driver, server.address, scripts=False)
            ada.go("/login")
            ada.fill(who="ada", password=PASSWORD)
            ada.press("Log in")
            work.write_text(REFERENCE + "\n# again\n")
            ada.hand_in(work, "Hand in, for the score only")
            ada.sees("Score: 5")  # the page loads itself again; the half point is there, or follows
            assert driver.find_elements(By.TAG_NAME, "iframe") == []
        finally:
            driver.quit()


def staff(driver: webdriver.Chrome, server: Served) -> None:
    """An instructor's way from the invitation over every page to an answer."""
    ivy = Visitor(driver, server.address)
    ivy.go(server.links["ivy@uni.example"])
    ivy.fill(password=PASSWORD, again=PASSWORD)
    ivy.press("Set the password")
    for path in ("/", "/staff/hand-ins", "/staff/hand-ins/1", "/staff/people", "/staff/health", "/staff/requests"):
        ivy.go(path)
    ivy.go("/staff/hand-ins/1")
    driver.find_element(By.XPATH, "//summary[.='give or take']").click()
    ivy.look()
    driver.find_element(By.NAME, "points").send_keys("0.5")
    driver.find_element(By.NAME, "reason").send_keys("neat")
    ivy.press("Note it")
    ivy.sees("+0.5")
    ivy.go("/staff/people")
    driver.find_element(By.XPATH, "//summary[.='lift tokens']").click()
    ivy.look()
    ivy.go("/staff/requests")
    ivy.fill(answer="It is right.")
    ivy.press("Send")
    ivy.sees("Nothing waits for an answer")
    ivy.go("/staff/audit")
    ivy.sees("It is right.")
    driver.get(f"{server.address}/staff/class/hw0")
    ivy.sees("Ada A")

"""The system's Chromium, driven by Playwright; nothing is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser. Without one the test is skipped and says so; under CI=true it fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing = "Chromium is missing (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=60_000)  # a guard against hanging, on a busy machine too
    with sync_playwright() as playwright:
        # Its sandbox wants a user of its own, which root in a container has not.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()

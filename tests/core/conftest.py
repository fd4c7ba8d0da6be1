"""A PySpark session for the tests marked `java`, skipped where Java is missing, except in CI."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    have_java = bool(os.environ.get("JAVA_HOME") or shutil.which("java"))
    have_spark = importlib.util.find_spec("pyspark") is not None
    if not (have_java and have_spark) and os.environ.get("CI") != "true":
        pytest.skip("needs Java 17 and PySpark (pip install 'kept[spark]'); CI never skips this")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .appName("kept-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.memory", "1g")
        # A session of a minute: the second compiler and threads for collecting only cost.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()

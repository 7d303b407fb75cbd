"""Tables in NetCDF and HDF5 files, as xarray reads them: what lies along one dimension are columns, along two a series each."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from complex_lstm.data.archives import plain_columns
from complex_lstm.data.containers import MAX_BYTES, MAX_UNPACKED, Unpacked, check_size
from complex_lstm.data.findings import Finding, one_of
from complex_lstm.errors import CsvError, install_extra
from complex_lstm.wording import counted, form

if TYPE_CHECKING:
    import xarray

CLASSIC = b"CDF"
FEW_COLUMNS = 40  # of an array without named dimensions: with more each of them is a series
OF_BOUNDS = {"bnds", "nbnds", "bounds", "nv", "bound", "vertices"}  # dimensions of the ends of cells
BROKEN = (OSError, ValueError, KeyError, TypeError, IndexError, RuntimeError, AttributeError, MemoryError, OverflowError, EOFError)


@dataclass(frozen=True)
class Grid:
    """The table of a file, the units that its variables name, and what was chosen, read or left out, with the reason."""

    frame: pd.DataFrame
    units: dict[str, str]
    findings: tuple[Finding, ...]


def grid_table(unpacked: Unpacked, name: str) -> Grid:
    """Return the table of a NetCDF or HDF5 file: its times decoded, its fill values empty, its scale and offset applied.

    Raises:
        CsvError: xarray is not installed; damaged; or no variable along one or two dimensions.
    """
    try:
        import h5netcdf  # noqa: F401  # they are an extra
        import h5py  # noqa: F401
        import xarray  # noqa: F401
    except ModuleNotFoundError as error:
        how = f"To read it, install what reads such files ({install_extra('netcdf')}), or save the table as CSV."
        raise CsvError(f"{name} is a NetCDF or HDF5 file. {how}") from error
    try:
        limit = MAX_BYTES if isinstance(unpacked.content, bytes) else MAX_UNPACKED
        _check_columns(unpacked, limit, name)
        groups, told = _groups(unpacked)
        tables = {path: one for path, one in groups.items() if any(variable.ndim for variable in one.variables.values())}
        chosen = unpacked.member or next(iter(tables), "")
        if chosen not in tables:
            held = ", ".join(map(repr, list(tables)[:10])) or "none"
            raise CsvError(f"{name} has no group {chosen!r} with variables; it has {held}. Choose one of them.", switch="member")
        if len(tables) > 1:
            others = tuple(path for path in tables if path != chosen)
            told.append(Finding("member", chosen, one_of("group", chosen, others, "file"), others))
        size = sum(variable.nbytes for variable in tables[chosen].variables.values())
        check_size(size, limit, name, unpacked=True)
        return _table(tables[chosen], told, name, limit)
    except BROKEN as error:
        raise CsvError(f"{name} is a damaged NetCDF or HDF5 file, or holds no table: {str(error)[:200]}. Save its table as CSV.") from error


def _check_columns(unpacked: Unpacked, limit: int, name: str) -> None:
    """Check what xarray loads at once where it opens a file: all that lies along one dimension, and may be the steps of it.

    An array of HDF5 has cells where nothing was ever written, which take no byte of the file: one far cell makes it as long as it says.
    """
    import h5py

    if unpacked.head(4).startswith(CLASSIC):
        return
    sizes: list[int] = []

    def take(_: str, one: h5py.Group | h5py.Dataset) -> None:
        if isinstance(one, h5py.Dataset) and one.ndim == 1:
            sizes.append(one.size * max(one.dtype.itemsize, 8))  # a time of four bytes has eight once it is read

    with h5py.File(_source(unpacked)) as file:
        file.visititems(take)
    check_size(sum(sizes), limit, name, unpacked=True)


def _source(unpacked: Unpacked) -> io.BytesIO | Path:
    return io.BytesIO(unpacked.content) if isinstance(unpacked.content, bytes) else unpacked.content


def _groups(unpacked: Unpacked) -> tuple[dict[str, xarray.Dataset], list[Finding]]:
    """Return the data sets of a file by their group, and what is to be said of its times."""
    import h5py
    import xarray

    is_classic = unpacked.head(4).startswith(CLASSIC)
    options: dict[str, Any] = {"engine": "scipy"} if is_classic else {"engine": "h5netcdf", "phony_dims": "sort"}

    def opened(decode_times: bool) -> dict[str, xarray.Dataset]:
        source = _source(unpacked)
        if not is_classic:
            with h5py.File(source) as file:  # h5netcdf leaves a file half open where one of these fails
                file.attrs.get("_nc3_strict")
        options.update(decode_times=decode_times, decode_timedelta=False)
        return {"": xarray.open_dataset(source, **options)} if is_classic else dict(xarray.open_groups(source, **options))

    try:
        return opened(True), []
    except (ValueError, ImportError, OverflowError):
        words = "Its times are of a calendar that no clock has, or of no known unit: they stay numbers."
        return opened(False), [Finding("grid", "times", words)]


def _table(data: xarray.Dataset, told: list[Finding], name: str, limit: int) -> Grid:
    single = [str(one) for one in data.variables if data[one].size == 1]
    data = data.squeeze(drop=True)
    variables = {str(one): variable for one, variable in data.variables.items() if variable.ndim and not OF_BOUNDS & {*variable.dims}}
    cube = _cube(variables)
    if cube:
        return _stacked(variables, cube, told, name)
    main, across = _dimensions(data, variables, name)
    wanted = ({main}, {main, across}) if across else ({main},)
    taken = [one for one, variable in variables.items() if {*variable.dims} in wanted]
    texts = [one for one, variable in variables.items() if across and variable.dims == (across,) and variable.dtype.kind in "SUO"]
    label = texts[0] if texts else across
    out = [one for one in map(str, data.variables) if one not in (*taken, *single, label)]
    if across.startswith("phony_dim") and data.sizes[across] <= FEW_COLUMNS < data.sizes[main]:  # an array, whose columns have no name
        return _arrays(variables, main, across, out, told, name)
    repeats = data.sizes[across] if across else 1
    check_size(8 * (len(taken) + bool(across)) * repeats * data.sizes[main], limit, name, unpacked=True)  # what lies along time is repeated
    columns: dict[str, Any] = {}
    if across:
        names = variables[label].values if label in variables else np.arange(1, repeats + 1)
        columns[label or across] = np.repeat(_plain(names), data.sizes[main])
    for one in sorted(taken, key=lambda one: one != main):
        values = variables[one]
        flat = values.transpose(across, main).values.ravel() if across in values.dims else np.tile(values.values, repeats)
        columns |= {field: _plain(flat[field]) for field in flat.dtype.names} if flat.dtype.names else {one: _plain(flat)}
    if across:
        words = f"Each value of {across} is a series: {repeats:,} of {data.sizes[main]:,} rows, with {label or across} as its name."
        told.append(Finding("grid", across, words))
    told += _on_cells({one: variables[one] for one in taken})
    if single:
        told.append(Finding("grid", tuple(single), f"One value for the whole file, and no column: {_listed(single)}."))
    if out:
        told.append(Finding("grid", tuple(out), f"Along other dimensions, and left out: {_listed(out)}."))
    units = {one: str(variables[one].attrs["units"]) for one in taken if variables[one].attrs.get("units")}
    return Grid(plain_columns(pd.DataFrame(columns), name), units, tuple(told))


def _arrays(variables: dict[str, xarray.Variable], main: str, across: str, out: list[str], told: list[Finding], name: str) -> Grid:
    """Return the table of arrays whose file names no dimension: each of their columns is one, with the array's name and its place."""
    columns: dict[str, Any] = {}
    for one, variable in variables.items():
        if variable.dims == (main,):
            columns[one] = _plain(variable.values)
        elif {*variable.dims} == {main, across}:
            columns |= {f"{one} {place}": _plain(cells) for place, cells in enumerate(variable.transpose(across, main).values, 1)}
            words = f"{one} has {variable.sizes[main]:,} rows and {variable.sizes[across]} columns without names, which were numbered."
            told.append(Finding("grid", one, words))
    if out:
        told.append(Finding("grid", tuple(out), f"Along other dimensions, and left out: {_listed(out)}."))
    return Grid(plain_columns(pd.DataFrame(columns), name), {}, tuple(told))


def _cube(variables: dict[str, xarray.Variable]) -> str:
    """Return the largest variable where it is an array of three dimensions without names, "" where it is none."""
    largest = max(variables, key=lambda one: variables[one].size, default="")
    dimensions = variables[largest].dims if largest else ()
    return largest if len(dimensions) == 3 and all(str(one).startswith("phony_dim") for one in dimensions) else ""


def _stacked(variables: dict[str, xarray.Variable], cube: str, told: list[Finding], name: str) -> Grid:
    """Return the table of an array without names along series, time and features, and of what lies along its series or its time too.

    Raises:
        CsvError: no dimension but the first is short enough to be that of the features.
    """
    variable = variables[cube]
    shape = " × ".join(f"{size:,}" for size in variable.shape)
    first, middle, last = variable.dims
    if variable.sizes[last] <= min(FEW_COLUMNS, variable.sizes[middle]):
        time, feature, order = middle, last, "series × time × feature"
    elif variable.sizes[middle] <= FEW_COLUMNS:
        time, feature, order = last, middle, "series × feature × time"
    else:
        how = f"Save it as series × time × feature with at most {FEW_COLUMNS} features, or each series as a table of its own."
        raise CsvError(f"{name} has no table: {cube} has three dimensions without names, {shape}, and none of them is short. {how}")
    series, steps = variable.sizes[first], variable.sizes[time]
    columns: dict[str, Any] = {"series": np.repeat(np.arange(1, series + 1), steps), "step": np.tile(np.arange(steps), series)}
    values = variable.transpose(first, time, feature).values.reshape(series * steps, -1)
    columns |= {f"{cube} {place}": _plain(values[:, place - 1]) for place in range(1, values.shape[1] + 1)}
    out = []
    for one, other in variables.items():
        if other.dims == (first,):
            columns[one] = np.repeat(_plain(other.values), steps)
        elif other.dims == (time,):
            columns[one] = np.tile(_plain(other.values), series)
        elif other.dims == (first, time):
            columns[one] = _plain(other.values.ravel())
        elif one != cube:
            out.append(one)
    turned = f"{cube}.transpose(0, 2, 1)" if order.endswith("feature") else f"{cube}.transpose(1, 0, 2)"
    words = f"{cube} has three dimensions without names, {shape}, and is read as {order}. If they mean something else, save {turned}."
    told.append(Finding("grid", cube, words))
    if out:
        told.append(Finding("grid", tuple(out), f"Along other dimensions, and left out: {_listed(out)}."))
    return Grid(plain_columns(pd.DataFrame(columns), name), {}, tuple(told))


def _dimensions(data: xarray.Dataset, variables: dict[str, xarray.Variable], name: str) -> tuple[str, str]:
    """Return the dimension along which the rows go, and the one whose values are series, "" where there is none."""
    measured = {one: variable for one, variable in variables.items() if one in data.data_vars and variable.ndim <= 2}
    if not measured:
        listed = [f"{one} ({', '.join(map(str, variable.dims))})" for one, variable in variables.items() if one in data.data_vars]
        if not listed:
            raise CsvError(f"{name} has no variable along a dimension. Save the table that it holds as CSV.", switch="member")
        message = f"{name} has no table: its variables lie along three or more dimensions: {_listed(listed)}."
        how = "Choose one place with xarray, such as data.sel(lat=41.9, lon=12.5, method='nearest').to_netcdf('one.nc')."
        raise CsvError(f"{message} {how}")
    counted = Counter(str(dimension) for variable in measured.values() for dimension in variable.dims)
    dated = [one for one in counted if one in variables and variables[one].dtype.kind == "M"]
    main = max(dated or counted, key=lambda one: (one in ("time", "obs", "index"), counted[one], data.sizes[one]))
    both = Counter(
        str(dimension) for variable in measured.values() if main in variable.dims for dimension in variable.dims if dimension != main
    )
    alone = sum(variable.dims == (main,) for variable in measured.values())
    across, count = both.most_common(1)[0] if both else ("", 0)
    return main, across if count >= alone else ""


def _plain(values: np.ndarray) -> np.ndarray:
    """Return text as Python's own, and all other values as they are."""
    if values.dtype.kind not in "SO":
        return values
    return np.array([cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell for cell in values.ravel()], dtype=object)


def _on_cells(variables: dict[str, xarray.Variable]) -> Iterable[Finding]:
    """Yield what the file itself says of its cells, and was done: fill values that are empty, and whole numbers that were scaled."""
    for one, variable in variables.items():
        stored = variable.encoding
        known = [stored[key] for key in ("_FillValue", "missing_value") if key in stored] if variable.dtype.kind == "f" else []
        fills = {value for one_of in known for value in np.ravel(one_of).astype(float).tolist() if np.isfinite(value)}
        empty = int(np.isnan(variable.values).sum()) if fills else 0
        if empty:
            fill = ", ".join(f"{value:g}" for value in sorted(fills))
            holds = f"{one}: {counted(empty, 'cell')} {form(empty, 'holds', 'hold')} {fill}"
            yield Finding("grid", one, f"{holds}, which the file says stands for no value, and {form(empty, 'is', 'are')} empty.")
        if "scale_factor" in stored or "add_offset" in stored:
            factor, offset = float(stored.get("scale_factor", 1)), float(stored.get("add_offset", 0))
            yield Finding("grid", one, f"{one} is stored as whole numbers: times {factor:g} plus {offset:g}, as the file says.")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")

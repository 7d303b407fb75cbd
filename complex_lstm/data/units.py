"""Units: which there are of a quantity, how one becomes another, and what a column's name says of its unit and quantity."""

from __future__ import annotations

import re

from complex_lstm.errors import ConfigError
from complex_lstm.recipe import Conversion

# of each quantity: its units, the factor and the offset that turn a value into the first of them, and further ways to write it
_UNITS: dict[str, dict[str, tuple[float, float, str]]] = {
    "temperature": {"°C": (1, 0, "c degc celsius"), "°F": (5 / 9, -160 / 9, "f degf fahrenheit"), "K": (1, -273.15, "kelvin degk")},
    "pressure": {
        "hPa": (1, 0, "mbar mb hpa"), "Pa": (0.01, 0, ""), "kPa": (10, 0, "kpa"), "mmHg": (1.333224, 0, "mmhg torr"),
        "inHg": (33.86389, 0, "inhg"), "psi": (68.94757, 0, ""), "bar": (1000, 0, ""), "atm": (1013.25, 0, ""),
    },
    "speed": {
        "m/s": (1, 0, "mps ms-1 m/sec"), "km/h": (1 / 3.6, 0, "kmh kph kmph"), "mph": (0.44704, 0, "mi/h"),
        "kn": (0.514444, 0, "knot knots kt kts"), "ft/s": (0.3048, 0, "fps"),
    },
    "power": {"W": (1, 0, "w watt watts"), "kW": (1e3, 0, "kw"), "MW": (1e6, 0, ""), "GW": (1e9, 0, "gw")},
    "energy": {
        "kWh": (1, 0, "kwh"), "Wh": (1e-3, 0, "wh"), "MWh": (1e3, 0, "mwh"), "GWh": (1e6, 0, "gwh"), "MJ": (1 / 3.6, 0, "mj"),
        "kJ": (1 / 3600, 0, "kj"), "J": (1 / 3.6e6, 0, "joule"),
    },
    "share": {"fraction": (1, 0, "ratio frac"), "%": (0.01, 0, "percent pct")},
    "length": {
        "m": (1, 0, "meter metre meters metres"), "mm": (1e-3, 0, ""), "cm": (1e-2, 0, ""), "km": (1e3, 0, ""),
        "in": (0.0254, 0, "inch inches"), "ft": (0.3048, 0, "feet foot"), "mi": (1609.344, 0, "mile miles"),
    },
    "acceleration": {"m/s²": (1, 0, "m/s^2 m/s2 ms-2"), "g": (9.80665, 0, ""), "mg": (9.80665e-3, 0, "")},
    "angle": {"°": (1, 0, "deg degree degrees"), "rad": (57.29578, 0, "radian radians")},
    "angular speed": {"°/s": (1, 0, "deg/s dps degrees/s"), "rad/s": (57.29578, 0, "")},
    "voltage": {"V": (1, 0, "v volt volts"), "mV": (1e-3, 0, "mv"), "kV": (1e3, 0, "kv")},
    "current": {"A": (1, 0, "a amp ampere amps"), "mA": (1e-3, 0, "ma")},
}  # fmt: skip
QUANTITIES = tuple(_UNITS)
FAR = 1e30  # of a factor
_QUANTITY_WORDS = {
    "temperature": "temp temperature dew dewp dewpoint", "pressure": "pres press pressure baro barometer slp",
    "speed": "speed wind gust velocity", "power": "power load demand generation", "energy": "energy consumption",
    "share": "hum humid humidity rh soc share", "length": "precip precipitation rain rainfall snow visib visibility distance depth",
    "acceleration": "acc accel acceleration", "angular speed": "gyro", "voltage": "voltage", "current": "current",
}  # fmt: skip


def unit_in_name(name: str) -> str:
    """Return the unit given in brackets at the end of a name, or as its last word as in `temp_degC`; "" where none is."""
    bracketed = re.search(r"[(\[]([^()\[\]]*)[)\]]\s*$", name)
    if bracketed and ":" in bracketed[1]:  # "Temp, °C (LGR S/N: 1023)": a logger's number, behind the unit
        return unit_in_name(name[: bracketed.start()])
    if bracketed:
        return bracketed[1].strip()
    words = re.split(r"[_\s]+", name.strip())
    last = words[-1]
    return last if len(words) > 1 and _places(last) and (len(last) > 1 or last in "CFKWVA%°") else ""


def without_unit(name: str) -> str:
    """Return a name without its unit."""
    unit = unit_in_name(name)
    return re.sub(r"[\s_(\[]*" + re.escape(unit) + r"\s*[)\]]?\s*$", "", name).strip() if unit else name.strip()


def quantity_of(name: str, unit: str = "") -> str:
    """Return which quantity a column measures, by its unit if it is known, else by its name; "" where neither tells."""
    places = _places(unit or unit_in_name(name))
    words = set(re.split(r"[^a-z]+", name.lower()))
    hinted = [quantity for quantity, known in _QUANTITY_WORDS.items() if words & set(known.split())]
    if places:
        return next((quantity for quantity, _ in places if quantity in hinted), places[0][0])
    return hinted[0] if hinted else ""


def units_of(quantity: str) -> tuple[str, ...]:
    """Return the units that are known of a quantity."""
    return tuple(_UNITS.get(quantity, ()))


def same_unit(first: str, second: str) -> bool:
    """Return whether two texts name the same unit, however they are written."""
    return first.strip() == second.strip() or bool(set(_places(first)) & set(_places(second)))


def conversion(column: str, source: str, target: str) -> Conversion | None:
    """Return the conversion of a column from a unit to another, None where they measure different quantities or one is not known."""
    for quantity, unit in _places(source):
        for other, wanted in _places(target):
            if quantity == other:
                (factor, offset, _), (wanted_factor, wanted_offset, _) = _UNITS[quantity][unit], _UNITS[quantity][wanted]
                times, plus = factor / wanted_factor, (offset - wanted_offset) / wanted_factor
                return Conversion(column, float(f"{times:.12g}"), float(f"{plus:.12g}"), source, target)  # 1.8, not 1.7999999999999998
    return None


def parse_conversion(text: str) -> Conversion:
    """Return the conversion that a text such as `temp=°C to °F` or `temp=1.8,32` names: times 1.8 plus 32.

    Raises:
        ConfigError: it names none.
    """
    column, _, numbers = text.rpartition("=")
    source, of_units, target = numbers.partition(" to ")
    if column and of_units:
        found = conversion(column, source.strip(), target.strip())
        if found is None:
            known = ", ".join(name for quantity in QUANTITIES for name in units_of(quantity))
            raise ConfigError(f"{text!r} names no two units of one quantity. Known are {known}.")
        return found
    try:
        factor, offset = (float(one) for one in f"{numbers},0".split(",")[:2])
    except ValueError:
        factor = offset = 0.0
    if not column or factor == 0 or not (-FAR < factor < FAR and -FAR < offset < FAR):
        raise ConfigError(f"{text!r} is not COLUMN=FACTOR or COLUMN=FACTOR,OFFSET, as in temp=1.8,32, or 'temp=°C to °F'.")
    return Conversion(column, factor, offset)


def _places(unit: str) -> list[tuple[str, str]]:
    """Return the quantities and standard names of a unit: as it is written, else without regard to case."""
    written = unit.strip().replace("º", "°").replace("° ", "°").replace("µ", "u")
    exact = [(quantity, name) for quantity, units in _UNITS.items() for name in units if name == written]
    if exact or not written:
        return exact
    return [
        (quantity, name)
        for quantity, units in _UNITS.items()
        for name, (_, _, others) in units.items()
        if written.lower() in {name.lower(), *others.split()}
    ]


def digits(value: float) -> str:
    """Return a number as text: with four digits, or from a thousand on as a whole number with separators."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"

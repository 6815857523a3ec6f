"""Small TeX formulas, as they stand in NXDL documentation, as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_SYMBOLS: Final[Mapping[str, str]] = {
    "textalpha": "α",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "cdot": "·", "times": "×", "pm": "±", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥",
    "neq": "≠", "ne": "≠", "approx": "≈", "equiv": "≡", "sim": "~", "propto": "∝",
    "infty": "∞", "int": "∫", "sum": "∑", "prod": "∏", "partial": "∂", "nabla": "∇",
    "in": "∈", "rightarrow": "→", "to": "→", "Rightarrow": "⇒", "circ": "°", "degree": "°",
    "AA": "Å", "angstrom": "Å", "hbar": "ħ", "perp": "⊥", "parallel": "∥", "ldots": "…",
    "dots": "…", "cdots": "…", "prime": "′", "langle": "⟨", "rangle": "⟩", "ll": "≪", "gg": "≫",
    "quad": " ", "qquad": " ", "left": "", "right": "", "displaystyle": "", "limits": "",
}  # fmt: skip
_WRAPPERS: Final = re.compile(
    r"\\(?:vec|hat|bar|tilde|dot|mathrm|mathbf|mathit|mathcal|mathbb|text|textrm|textbf|rm|bf"
    r"|boldsymbol|operatorname|overline|underline)\s*\{([^{}]*)\}"
)
_FRACTION: Final = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_ROOT: Final = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
_RAISED: Final = re.compile(r"([\^_])(?:\{([^{}]*)\}|(\\[A-Za-z]+|\w))")
_DEGREE: Final = re.compile(r"\^(?:\{\s*\\circ\s*\}|\\circ)")
_HIGH: Final = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_LOW: Final = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_NESTING: Final = 8


def plain_formula(tex: str) -> str:
    r"""`tex` with symbols for its commands; commands that are not known stay as words.

    >>> plain_formula(r"|\vec{Q}| = (4\pi/\lambda) \sin(\theta)"), plain_formula(r"\frac{a+b}{2}")
    ('|Q| = (4π/λ) sin(θ)', '(a+b)/2')
    """
    text = _DEGREE.sub("°", tex)
    for _ in range(_NESTING):
        before = text
        text = _WRAPPERS.sub(r"\1", text)
        text = _FRACTION.sub(lambda m: f"{_grouped(m[1])}/{_grouped(m[2])}", text)
        text = _ROOT.sub(lambda m: f"√{_grouped(m[1])}", text)
        text = _RAISED.sub(_raised, text)
        if text == before:
            break
    text = re.sub(r"\\([A-Za-z]+)", lambda m: _SYMBOLS.get(m[1], m[1]), text)
    text = re.sub(r"\\[,;:! ]", " ", text).replace("\\\\", "; ").replace("\\", "")
    return " ".join(text.replace("{", "").replace("}", "").replace("&", "").split())


def _grouped(text: str) -> str:
    inner = text.strip()
    return inner if re.fullmatch(r"\\?\w+", inner) else f"({inner})"


def _raised(match: re.Match[str]) -> str:
    inner = match[2] if match[2] is not None else match[3]
    high = match[1] == "^"
    table = _HIGH if high else _LOW
    if inner and all(ord(letter) in table for letter in inner):
        return inner.translate(table)
    return f"{'^' if high else '_'}{_grouped(inner)}" if inner else ""

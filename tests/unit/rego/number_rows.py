#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""number_rows.py OUTPUT - calls of arithmetic and what they have to give, computed with exact fractions

Everything here is exact (int and fractions.Fraction) but for one function that rounds to 64 bits as the documentation
of Go's math/big has it: nearest, to even in the middle. Shortest digits are searched one length after the other.
Doubles are Python's own. The seed is fixed, so the rows are always the same.
"""
import random
import sys
from fractions import Fraction

BITS = 64


def exponent_of(value):
    """the exponent of the last of 64 bits: 2**63 <= abs(value) / 2**e < 2**64"""
    value = abs(value)
    e = value.numerator.bit_length() - value.denominator.bit_length() - BITS
    while value / Fraction(2) ** e >= 2 ** BITS:
        e += 1
    while value / Fraction(2) ** e < 2 ** (BITS - 1):
        e -= 1
    return e


def rounded(value):
    """to 64 bits; Fraction's round() goes to even in the middle"""
    if value == 0:
        return value
    unit = Fraction(2) ** exponent_of(value)
    return round(value / unit) * unit


def shortest(value):
    """digits and the exponent of the point in front of them"""
    unit = Fraction(2) ** exponent_of(value)
    low, high = value - unit / 2, value + unit / 2
    inclusive = value / unit % 2 == 0
    point = len(str(int(value))) if value >= 1 else 1 - next(i for i in range(1, 99999) if value * 10 ** i >= 1)
    for count in range(1, 30):
        scale = Fraction(10) ** (count - point)
        down = int(value * scale)
        fits = [n for n in (down, down + 1)
                if low < Fraction(n) / scale < high or (inclusive and Fraction(n) / scale in (low, high))]
        if fits:
            best = min(fits, key=lambda n: (abs(n - value * scale), n % 2))
            text = str(best)
            return text.rstrip('0'), point + len(text) - count
    raise AssertionError(value)


def printed(value):
    """as OPA prints a float: integers in full, others as %g does"""
    sign = '-' if value < 0 else ''
    if value == 0:
        return '0'
    digits, point = shortest(abs(value))
    if value.denominator == 1:
        return sign + digits.ljust(point, '0')
    if point < -3 or point > 6:
        return f'{sign}{digits[0]}{"." + digits[1:] if digits[1:] else ""}e{point - 1:+03d}'
    if point <= 0:
        return f'{sign}0.{"0" * -point}{digits}'
    return f'{sign}{digits[:point]}.{digits[point:]}'


def decimal(rng):
    """the text of a number with a point or an exponent"""
    digits = rng.choice([1, 2, 3, 8, 17, 19, 20, 21, 40, 60])
    text = str(rng.randrange(10 ** (digits - 1), 10 ** digits))
    if digits > 1:
        at = rng.randrange(1, digits)
        text = text[:at] + '.' + text[at:]
    if rng.random() < 0.5 or '.' not in text:
        text += f'e{rng.choice([0, 1, -1, 5, -5, 27, -27, 28, -28, rng.randrange(-60, 60), rng.randrange(-400, 400)])}'
    return rng.choice(['', '-']) + text


def float_rows(rng):
    operations = {'plus': lambda a, b: a + b, 'minus': lambda a, b: a - b, 'mul': lambda a, b: a * b,
                  'div': lambda a, b: a / b}
    for _ in range(700):
        a, b = decimal(rng), decimal(rng)
        if rng.random() < 0.2:
            b = a[:-1] + str(rng.randrange(1, 10)) if 'e' not in a else a
        x, y = rounded(Fraction(a)), rounded(Fraction(b))
        if x == 0 or y == 0:
            continue
        for name, operation in operations.items():
            result = operation(x, y)
            both_whole = x.denominator == 1 and y.denominator == 1 and name != 'div'
            if both_whole:
                yield name, f'{a}, {b}', str(int(result))
            elif result != 0:
                yield name, f'{a}, {b}', printed(rounded(result))


def integer(rng):
    bits = rng.choice([1, 8, 31, 62, 63, 64, 65, 127, 128, 129, 500])
    return rng.choice([-1, 1]) * rng.choice([rng.getrandbits(bits), 2 ** bits, 2 ** bits - 1])


def integer_rows(rng):
    for _ in range(300):
        a, b = integer(rng), integer(rng)
        yield 'plus', f'{a}, {b}', str(a + b)
        yield 'minus', f'{a}, {b}', str(a - b)
        yield 'mul', f'{a}, {b}', str(a * b)
        if b:
            yield 'rem', f'{a}, {b}', str(abs(a) % abs(b) * (-1 if a < 0 else 1))
        yield 'bits.and', f'{a}, {b}', str(a & b)
        yield 'bits.or', f'{a}, {b}', str(a | b)
        yield 'bits.xor', f'{a}, {b}', str(a ^ b)
        yield 'bits.negate', f'{a}', str(~a)
        shift = rng.choice([0, 1, 63, 64, 65, rng.randrange(300)])
        yield 'bits.lsh', f'{a}, {shift}', str(a << shift)
        yield 'bits.rsh', f'{a}, {shift}', str(a >> shift)
        yield 'format_int', f'{a}, 16', f'\\"{a:x}\\"'
        yield 'lt', f'{a}, {b}', str(a < b).lower()




def double_rows(rng):
    for _ in range(300):
        text = decimal(rng)
        value = float(text)
        if value in (0.0, float('inf'), float('-inf')):
            continue
        precision = rng.randrange(0, 25)
        yield 'sprintf', f'\\"%.{precision}e\\", [{text}]', f'\\"{value:.{precision}e}\\"'
        yield 'sprintf', f'\\"%.{precision}f\\", [{text}]', f'\\"{value:.{precision}f}\\"'
        yield 'sprintf', f'\\"%v\\", [{text}]', f'\\"{shortest_double(value)}\\"'


def shortest_double(value):
    """repr() has the digits; where the exponent begins is Go's"""
    sign = '-' if value < 0 else ''
    mantissa, _, exponent = f'{abs(value)!r}e0'.partition('e')
    exponent = int(exponent.removesuffix('e0') or 0)
    whole, _, fraction = mantissa.partition('.')
    digits = (whole + fraction).lstrip('0')
    point = exponent + (len(whole) if whole != '0' else -(len(fraction) - len(fraction.lstrip('0'))))
    digits = digits.rstrip('0')
    if point < -3 or point > 6:
        return f'{sign}{digits[0]}{"." + digits[1:] if digits[1:] else ""}e{point - 1:+03d}'
    if point <= 0:
        return f'{sign}0.{"0" * -point}{digits}'
    return sign + (digits.ljust(point, '0') if len(digits) <= point else f'{digits[:point]}.{digits[point:]}')


def main():
    rng = random.Random(1)
    with open(sys.argv[1], 'w', encoding='utf-8') as file:
        for name, rows in (('float', float_rows), ('integer', integer_rows), ('double', double_rows)):
            file.write(f'static const struct rego_row {name}_rows[] = {{\n')
            for function, operands, wanted in rows(rng):
                file.write(f'\t{{ "{function}", "{operands}", "{wanted}" }},\n')
            file.write('};\n')


if __name__ == '__main__':
    main()

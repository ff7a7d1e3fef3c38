// core/delta/sbd: exp and ln for tables that the compiler makes; no program contains this arithmetic.
#pragma once

namespace sb::sbd {

[[nodiscard]] consteval double exponential(double x) {
    double sum = 1, term = 1;
    const double part = x / 1024;
    for (int n = 1; n < 12; ++n) sum += term *= part / n;
    for (int n = 0; n < 10; ++n) sum *= sum;
    return sum;
}

/// Requires: 0 < x <= 1.
[[nodiscard]] consteval double logarithm(double x) {
    double halves = 0;
    for (; x < 0.5; x *= 2) halves += 1;
    const double y = (x - 1) / (x + 1);  // ln x = 2 artanh y, |y| <= 1/3
    double sum = 0, power = y;
    for (int n = 1; n < 40; n += 2, power *= y * y) sum += power / n;
    return 2 * sum - halves * 0.693147180559945309;
}

[[nodiscard]] consteval double logit_of(double p) {
    return logarithm(p) - logarithm(1 - p);
}
[[nodiscard]] consteval double probability_of(double logit) {
    return 1 / (1 + exponential(-logit));
}

}  // namespace sb::sbd

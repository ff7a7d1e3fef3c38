#include "filter/coefficients.hpp"

#include <array>

namespace app {
namespace {

constexpr std::array<BiquadCoefficients, 6> low_pass{{
    {259157, 518314, 259157, -2099786147, 1027080951},         // 1/200
    {1014355, 2028710, 1014355, -2052132225, 982447821},       // 1/100
    {3888751, 7777502, 3888751, -1957103774, 898916954},       // 1/50
    {21564350, 43128700, 21564350, -1676130396, 688645972},    // 1/20
    {72429549, 144859098, 72429549, -1227265970, 443242342},   // 1/10
    {221805086, 443610172, 221805086, -396777000, 210255520},  // 1/5
}};

}  // namespace

const BiquadCoefficients& coefficients(LowPass p) {
    return low_pass[static_cast<std::size_t>(p)];
}

}  // namespace app

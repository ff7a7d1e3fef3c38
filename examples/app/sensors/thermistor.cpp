#include "sensors/thermistor.hpp"

#include <array>

#include "base/math.hpp"

namespace app {
namespace {

constexpr std::int32_t first_degree = -40;
constexpr std::size_t entries = 126;
using Table = std::array<std::uint16_t, entries>;

// scripts/tables.py ntc10k
constexpr Table ntc10k{
    3936, 3927, 3916, 3905, 3894, 3882, 3869, 3856, 3843, 3828, 3813, 3798, 3782, 3765, 3747, 3729, 3710, 3690,
    3670, 3649, 3627, 3605, 3581, 3557, 3532, 3507, 3480, 3453, 3425, 3397, 3368, 3337, 3307, 3275, 3243, 3210,
    3177, 3143, 3108, 3073, 3037, 3001, 2964, 2926, 2888, 2850, 2812, 2773, 2733, 2694, 2654, 2614, 2573, 2533,
    2492, 2451, 2411, 2370, 2329, 2289, 2248, 2208, 2167, 2127, 2087, 2048, 2008, 1969, 1930, 1892, 1854, 1816,
    1778, 1742, 1705, 1669, 1634, 1599, 1564, 1530, 1496, 1463, 1431, 1399, 1368, 1337, 1307, 1277, 1248, 1219,
    1191, 1163, 1137, 1110, 1084, 1059, 1034, 1010, 986,  963,  940,  918,  897,  875,  855,  834,  815,  795,
    777,  758,  740,  723,  706,  689,  673,  657,  642,  627,  612,  598,  584,  570,  557,  544,  531,  519,
};

// scripts/tables.py ntc5k
constexpr Table ntc5k{
    3998, 3991, 3983, 3975, 3967, 3958, 3948, 3938, 3927, 3916, 3904, 3891, 3878, 3864, 3850, 3834, 3818, 3801,
    3783, 3765, 3745, 3725, 3704, 3682, 3659, 3635, 3610, 3584, 3557, 3530, 3501, 3471, 3441, 3409, 3377, 3343,
    3309, 3274, 3237, 3200, 3162, 3123, 3084, 3043, 3002, 2960, 2918, 2875, 2831, 2787, 2742, 2697, 2652, 2606,
    2560, 2513, 2467, 2420, 2373, 2326, 2279, 2233, 2186, 2140, 2093, 2048, 2002, 1957, 1912, 1867, 1823, 1780,
    1737, 1694, 1652, 1611, 1571, 1531, 1491, 1453, 1415, 1378, 1341, 1305, 1270, 1236, 1203, 1170, 1138, 1106,
    1076, 1046, 1017, 988,  961,  934,  908,  882,  857,  833,  809,  786,  764,  742,  721,  701,  681,  661,
    643,  624,  607,  589,  573,  557,  541,  526,  511,  496,  482,  469,  456,  443,  431,  419,  407,  396,
};

// Beyond these the cable is open or short, whatever the table says.
constexpr std::int32_t open_circuit = 4060;
constexpr std::int32_t short_circuit = 60;

const Table& table_of(Thermistor type) {
    return type == Thermistor::ntc10k_b3435 ? ntc10k : ntc5k;
}

/// Index of the first entry at or below `counts`: the tables fall with the temperature.
std::size_t first_not_above(const Table& table, std::int32_t counts) {
    std::size_t low = 0;
    std::size_t high = table.size() - 1;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (table[middle] <= counts) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

Millidegrees degree_of(std::size_t index) {
    return (static_cast<std::int32_t>(index) + first_degree) * 1000;
}

}  // namespace

std::optional<Millidegrees> thermistor_temperature(Thermistor type, std::int32_t counts) {
    if (counts >= open_circuit || counts <= short_circuit) return std::nullopt;
    const Table& table = table_of(type);
    const std::size_t at = first_not_above(table, counts);
    if (at == 0) return degree_of(0);
    if (counts < table[at]) return degree_of(at);
    return interpolate(counts, table[at - 1], table[at], degree_of(at - 1), degree_of(at));
}

std::int32_t thermistor_counts(Thermistor type, Millidegrees temperature) {
    const Table& table = table_of(type);
    const Millidegrees t = clamp(temperature, degree_of(0), degree_of(entries - 1) - 1);
    const auto at = static_cast<std::size_t>((t - degree_of(0)) / 1000);
    return interpolate(t, degree_of(at), degree_of(at + 1), table[at], table[at + 1]);
}

}  // namespace app

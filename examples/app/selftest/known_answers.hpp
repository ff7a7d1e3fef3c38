// Computations with known results: a compiler, a flash or a core that is wrong shows here before it regulates
// anything.
#pragma once

namespace app {

[[nodiscard]] bool filter_known_answer();
[[nodiscard]] bool crc_known_answer();
[[nodiscard]] bool sensor_known_answer();
[[nodiscard]] bool arithmetic_known_answer();

}  // namespace app

// examples/board_app: how a version of the application behaves. Good ones work; the others are what an update must
// survive.
#pragma once

namespace sb::board_app {

/// Before anything else is said or done.
void at_start();
/// Whether the program finds itself fit to stay.
[[nodiscard]] bool self_test();

}  // namespace sb::board_app

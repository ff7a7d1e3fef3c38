// examples/board_app: how a version of the application behaves. Good ones work; the others are what an update must
// survive.
#pragma once

#include <string_view>

namespace sb::board_app {

/// Before anything else is said or done.
void at_start();
/// Whether the program finds itself fit to stay.
[[nodiscard]] bool self_test();

// What a program may leave out (defaults: main.cpp).
/// A little of its own work; called again and again.
void work();
/// A line that is no command of main's: whether the program knows it.
[[nodiscard]] bool obey_too(std::string_view line);

}  // namespace sb::board_app

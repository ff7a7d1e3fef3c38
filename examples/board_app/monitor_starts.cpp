#include "examples/board_app/temper.hpp"

namespace sb::board_app {

void at_start() {}

}  // namespace sb::board_app

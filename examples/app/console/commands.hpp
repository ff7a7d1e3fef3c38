// The commands of the console. A command may be shortened as long as the table's order decides.
#pragma once

#include <string_view>

namespace app {

class Application;

/// Runs one typed line and prints its answer; a line that is empty does nothing.
void run_command(Application& app, std::string_view line);

}  // namespace app

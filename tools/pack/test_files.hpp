// tools/pack, for tests: files that are read, whole.
#pragma once

#include "tests/support/shared_files.hpp"

namespace sb::pack {

using test_support::read_file;
using test_support::shared_folder;

}  // namespace sb::pack

// tools/layout: its users' way to hexadecimal digits, which tools/pack makes.
#pragma once

#include "tools/pack/hex.hpp"

#include "capi/device.hpp"

extern "C" const switchback_staging switchback_patch_staging{&sb::patch_staging};

// March C− over a scratch area of RAM: finds stuck bits, coupled cells and address lines that are tied together.
// {⇕w0; ⇑(r0,w1); ⇑(r1,w0); ⇓(r0,w1); ⇓(r1,w0); ⇕r0}, with three backgrounds.
#pragma once

#include <cstdint>
#include <span>

namespace app {

/// True when every cell passed. The area's content is lost; it ends as zeros.
[[nodiscard]] bool ram_march(std::span<volatile std::uint32_t> area);

}  // namespace app

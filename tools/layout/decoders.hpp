// tools/layout: what a device can decode, as a layout writes it: "endsley+lzma:16K" is a format and the work memory
// that the device sets aside for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/manifest/package.hpp"

namespace sb::layout {

/// The offer that `text` means; nothing when the format is unknown or the memory is not a size below 1 GB.
[[nodiscard]] std::optional<DecoderOffer> parse_decoder(std::string_view text);

/// "endsley+lzma:16K".
[[nodiscard]] std::string show_decoder(const DecoderOffer& offer);

/// The known formats, for messages.
[[nodiscard]] std::string decoder_names();

}  // namespace sb::layout

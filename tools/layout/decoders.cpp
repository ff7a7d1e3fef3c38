#include "tools/layout/decoders.hpp"

#include <array>

#include "tools/layout/size.hpp"
#include "tools/pack/build_package.hpp"

namespace sb::layout {
namespace {

constexpr std::array formats = {PayloadFormat::sbd,        PayloadFormat::endsley_lzma, PayloadFormat::endsley,
                                PayloadFormat::hpatchlite, PayloadFormat::vcdiff,       PayloadFormat::hdiffsf,
                                PayloadFormat::lzma,       PayloadFormat::raw};
constexpr std::uint64_t most_ram_bytes = 1U << 30;

}  // namespace

std::optional<DecoderOffer> parse_decoder(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto format = pack::format_named(text.substr(0, colon));
    if (!format) return std::nullopt;
    if (colon == std::string_view::npos) return DecoderOffer{*format, 0};
    const auto ram = parse_size(text.substr(colon + 1));
    if (!ram || *ram > most_ram_bytes) return std::nullopt;
    return DecoderOffer{*format, static_cast<std::uint32_t>(*ram)};
}

std::string show_decoder(const DecoderOffer& offer) {
    std::string text = pack::format_name(offer.format);
    if (offer.ram_bytes != 0) text += ":" + show_size(offer.ram_bytes);
    return text;
}

std::string decoder_names() {
    std::string all;
    for (const PayloadFormat f : formats) all += (all.empty() ? "" : ", ") + pack::format_name(f);
    return all;
}

}  // namespace sb::layout

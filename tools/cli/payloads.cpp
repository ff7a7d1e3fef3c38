#include "tools/cli/payloads.hpp"

#include "core/delta/factory.hpp"
#include "core/delta/vcdiff.hpp"
#include "tools/diff/patch.hpp"

namespace sb::cli {
namespace {

constexpr std::uint32_t usual_ram_bytes = 16U << 10;
constexpr std::uint32_t least_window_bytes = 1U << 10;
constexpr std::uint32_t usual_unit_bytes = 4U << 10;  // of flash
/// Image bytes between two points where decoding hdiffsf can start again, when nothing else is asked for.
constexpr std::uint32_t usual_step_segment_bytes = 16U << 10;

/// The largest dictionary of LZMA for a decoder with `ram_bytes`; 0 when there is none.
std::uint32_t dictionary_for(PayloadFormat format, std::uint32_t ram_bytes) {
    for (const std::uint32_t dictionary : {16U << 10, 8U << 10, 4U << 10})
        if (decoder_ram_bytes(format, dictionary) <= ram_bytes) return dictionary;
    return 0;
}

/// The target window that an interleaved VCDIFF may have for a decoder with `ram_bytes`. Where windows end with erase
/// units, a download can go on there after a reset.
std::uint32_t window_for(std::uint32_t ram_bytes) {
    const auto besides = static_cast<std::uint32_t>(vcdiff_ram_bytes(0, 0, true));
    const std::uint32_t most = ram_bytes > besides ? ram_bytes - besides : 0;
    return most - most % (most < usual_unit_bytes ? least_window_bytes : usual_unit_bytes);
}

/// The largest decoder of sbd within `ram_bytes`; 0 when there is none.
std::uint32_t sbd_budget(std::uint32_t ram_bytes) {
    for (const std::uint32_t budget : {32U << 10, 16U << 10, 8U << 10, 4U << 10})
        if (budget <= ram_bytes) return budget;
    return 0;
}

}  // namespace

/// The options of `diff` that make a payload for `offer`.
diff::DiffOptions diff_options_for(const DecoderOffer& offer) {
    diff::DiffOptions options;
    switch (offer.format) {
        case PayloadFormat::raw:
            break;
        case PayloadFormat::lzma:
            options.format = "lzma";
            options.ram_bytes = dictionary_for(offer.format, offer.ram_bytes);
            break;
        case PayloadFormat::endsley:
            options.format = "endsley";
            options.compress = "none";
            break;
        case PayloadFormat::endsley_lzma:
            options.format = "endsley";
            options.compress = "lzma";
            options.ram_bytes = dictionary_for(offer.format, offer.ram_bytes);
            break;
        case PayloadFormat::hpatchlite:
            options.format = "hpatchlite";
            options.compress = offer.ram_bytes == 0 ? "none" : "tuz";
            options.ram_bytes = offer.ram_bytes;
            break;
        case PayloadFormat::vcdiff:
            options.format = "vcdiff";
            options.compress = "interleaved";
            options.window_bytes = window_for(offer.ram_bytes);
            break;
        case PayloadFormat::hdiffsf:
            options.format = "hdiffsf";
            options.compress = "none";
            options.ram_bytes = offer.ram_bytes;
            break;
        case PayloadFormat::sbd:
            options.format = "sbd";
            options.ram_bytes = sbd_budget(offer.ram_bytes);
            break;
    }
    return options;
}

DecoderOffer generous_offer(PayloadFormat format) {
    if (format == PayloadFormat::sbd) return {format, usual_ram_bytes};
    return {format, format == PayloadFormat::raw || format == PayloadFormat::endsley
                        ? 0
                        : decoder_ram_bytes(PayloadFormat::lzma, usual_ram_bytes)};
}

bool can_be_met(const DecoderOffer& offer) {
    switch (offer.format) {
        case PayloadFormat::lzma:
        case PayloadFormat::endsley_lzma:
            return dictionary_for(offer.format, offer.ram_bytes) != 0;
        case PayloadFormat::vcdiff:
            return window_for(offer.ram_bytes) >= least_window_bytes;
        case PayloadFormat::hdiffsf:
            return offer.ram_bytes >= least_window_bytes;
        case PayloadFormat::sbd:
            return sbd_budget(offer.ram_bytes) != 0;
        default:
            return true;
    }
}

std::uint32_t usual_segment_bytes(const DecoderOffer& offer) {
    constexpr std::uint32_t longest_lzma_segment_bytes = 64U << 10;  // docs/format-delta.md
    switch (offer.format) {
        case PayloadFormat::raw:
        case PayloadFormat::endsley:
            return 1;
        case PayloadFormat::lzma:
        case PayloadFormat::endsley_lzma:
            return longest_lzma_segment_bytes;
        case PayloadFormat::vcdiff:
            return window_for(offer.ram_bytes);
        case PayloadFormat::hdiffsf:
            return usual_step_segment_bytes;
        case PayloadFormat::hpatchlite:
            return offer.ram_bytes == 0 ? 1 : 0;
        case PayloadFormat::sbd:
            return 64U << 10;  // docs/sbd.md
    }
    return 0;
}

Payload make_payload(const DecoderOffer& offer, Bytes image, Bytes old_image, const PayloadOptions& how) {
    if (offer.format == PayloadFormat::raw) return {PayloadFormat::raw, Buffer(image.begin(), image.end()), 0};
    diff::DiffOptions options = diff_options_for(offer);
    options.segment_bytes = how.segment_bytes;
    if (offer.format == PayloadFormat::hdiffsf && how.segment_bytes == 0)
        options.segment_bytes = usual_step_segment_bytes;
    options.preamble_bytes = how.preamble_bytes;
    options.progress = how.progress;
    diff::Patch patch = diff::make_patch(is_delta(offer.format) ? old_image : Bytes(), image, options);
    Payload payload{patch.payload.value(), std::move(patch.bytes), patch.decoder_ram_bytes};
    if (payload.format != PayloadFormat::sbd) return payload;
    const auto split = payload.bytes.begin() + diff::sbd_preamble_bytes(payload.bytes);
    payload.parameters.assign(payload.bytes.begin(), split);
    payload.bytes.erase(payload.bytes.begin(), split);
    return payload;
}

}  // namespace sb::cli

#include "core/delta/endsley_stream.hpp"
#include "core/delta/lzma_segments.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

bool begins_with(Bytes bytes, Bytes magic) {
    return bytes.size() >= magic.size() && equal(bytes.first(magic.size()), magic);
}

}  // namespace

std::optional<PayloadFormat> recognise_patch(Bytes patch) {
    if (begins_with(patch, lzma_segments_magic)) return PayloadFormat::lzma;
    if (!begins_with(patch, endsley_magic)) return std::nullopt;
    // A plain stream begins with a triple, whose first number would be beyond 4 GiB if it looked like a container.
    const bool packed =
        patch.size() > endsley_header_bytes && begins_with(patch.subspan(endsley_header_bytes), lzma_segments_magic);
    return packed ? PayloadFormat::endsley_lzma : PayloadFormat::endsley;
}

}  // namespace sb::diff

#include "core/link/fat/fat_file.hpp"

namespace sb {

Result<Bytes> FatFile::read(std::uint32_t offset) {
    if (offset >= entry_.bytes) return fail(Error::truncated);
    if (!volume_.has_room_for(entry_.bytes)) return fail(Error::malformed);
    const std::uint32_t block = offset / card_block_bytes;
    const std::uint32_t within = offset % card_block_bytes;
    SB_TRY(go_to(block / volume_.cluster_blocks()));
    SB_TRY_ASSIGN(const Bytes all, volume_.block_of(cluster_, block % volume_.cluster_blocks()));
    const std::size_t left = entry_.bytes - offset;
    const Bytes rest = all.subspan(within);
    return rest.first(left < rest.size() ? left : rest.size());
}

/// Bounded by the file's length, which the volume has room for: a chain that bites its tail ends too.
Result<void> FatFile::go_to(std::uint32_t index) {
    if (cluster_ == 0 || index < index_) {
        cluster_ = entry_.first_cluster;
        index_ = 0;
    }
    while (index_ < index) {
        SB_TRY_ASSIGN(cluster_, volume_.next(cluster_));
        ++index_;
    }
    return {};
}

}  // namespace sb

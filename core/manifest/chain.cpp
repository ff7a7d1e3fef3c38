#include "core/manifest/chain.hpp"

namespace sb {

BlockDigest block_digest(Crypto& crypto, Bytes wire) {
    const Digest whole = sha256(crypto, wire);
    BlockDigest digest;
    copy(digest, Bytes(whole).first(digest.size()));
    return digest;
}

std::uint32_t ChainReader::wire_bytes() const {
    if (complete()) return 0;
    return at_last() ? payload_bytes_ - next_block_ * block_bytes_ : block_bytes_ + sizeof(BlockDigest);
}

Result<Bytes> ChainReader::accept(Crypto& crypto, Bytes wire) {
    const std::uint32_t expected_bytes = wire_bytes();
    if (wire.size() < expected_bytes) return fail(Error::truncated);
    if (wire.size() > expected_bytes || complete()) return fail(Error::trailing_data);
    if (block_digest(crypto, wire) != expected_) return fail(Error::bad_digest);
    Bytes data = wire;
    if (!at_last()) {
        data = wire.first(block_bytes_);
        copy(expected_, wire.subspan(block_bytes_));
    }
    ++next_block_;
    return data;
}

}  // namespace sb

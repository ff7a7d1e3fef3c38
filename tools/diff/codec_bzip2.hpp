// tools/diff: bzip2, both ways, as a stream. For formats whose own tools pack with it (bsdiff, HDiffPatch); no device
// has room for it: unpacking takes up to 3.6 MB, packing up to 7.6 MB.
#pragma once

#include <memory>

#include "core/delta/patch_source.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

/// Unpacks one bzip2 stream.
class Bzip2Unpacker final : public ByteStream {
public:
    /// Requires: `packed` outlives the unpacker. Throws std::bad_alloc.
    explicit Bzip2Unpacker(ByteStream& packed);
    ~Bzip2Unpacker();
    Bzip2Unpacker(const Bzip2Unpacker&) = delete;
    Bzip2Unpacker& operator=(const Bzip2Unpacker&) = delete;

    /// See ByteStream. Errors besides those of `packed`: malformed (also when a checksum does not match), truncated,
    /// trailing_data (there is something behind the stream), too_large (no memory).
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Packs into one bzip2 stream.
class Bzip2Packer final : public Sink {
public:
    /// Requires: `packed` outlives the packer. `plain_bytes`: how much will come at most; what fits fewer than the
    /// usual blocks of 900 KB takes less memory, on both sides. Throws std::bad_alloc.
    explicit Bzip2Packer(Sink& packed, std::uint64_t plain_bytes = ~std::uint64_t{0});
    ~Bzip2Packer();
    Bzip2Packer(const Bzip2Packer&) = delete;
    Bzip2Packer& operator=(const Bzip2Packer&) = delete;

    void write(Bytes bytes) override;
    /// Ends the stream; call once, last.
    void finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sb::diff

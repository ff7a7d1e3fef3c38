#include "tools/diff/codec_bzip2.hpp"

#include <bzlib.h>

#include <new>

namespace sb::diff {
namespace {

constexpr std::size_t piece_bytes = 1U << 14;  // of packed bytes at a time

/// In units of 100 KB. Short runs grow by a quarter before they are sorted.
int block_size_for(std::uint64_t plain_bytes) {
    constexpr std::uint64_t unit = 100000, most = 9;
    return static_cast<int>(std::min(plain_bytes / (unit * 4 / 5 - 100) + 1, most));
}

Error error_of(int result) {
    return result == BZ_MEM_ERROR ? Error::too_large : Error::malformed;
}

}  // namespace

struct Bzip2Unpacker::State {
    explicit State(ByteStream& from) : packed(from) {
        if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) throw std::bad_alloc();
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { BZ2_bzDecompressEnd(&stream); }

    /// Reads on when all that was read is used. False at the end.
    Result<bool> more() {
        if (stream.avail_in != 0) return true;
        SB_TRY_ASSIGN(const std::size_t count, packed.read(piece));
        stream.next_in = reinterpret_cast<char*>(piece.data());
        stream.avail_in = static_cast<unsigned>(count);
        return count != 0;
    }

    ByteStream& packed;
    bz_stream stream{};
    bool ended = false;
    std::array<std::uint8_t, piece_bytes> piece;
};

Bzip2Unpacker::Bzip2Unpacker(ByteStream& packed) : state_(std::make_unique<State>(packed)) {}
Bzip2Unpacker::~Bzip2Unpacker() = default;

Result<std::size_t> Bzip2Unpacker::read(MutableBytes to) {
    constexpr std::size_t most = std::size_t{1} << 30;  // libbz2 counts in unsigned
    State& s = *state_;
    to = to.first(std::min(to.size(), most));
    s.stream.next_out = reinterpret_cast<char*>(to.data());
    s.stream.avail_out = static_cast<unsigned>(to.size());
    while (!s.ended && s.stream.avail_out == to.size() && !to.empty()) {
        SB_TRY_ASSIGN(const bool more, s.more());
        const int result = BZ2_bzDecompress(&s.stream);
        if (result == BZ_STREAM_END) {
            s.ended = true;
            SB_TRY_ASSIGN(const bool behind, s.more());
            if (behind) return fail(Error::trailing_data);
        } else if (result != BZ_OK) {
            return fail(error_of(result));
        } else if (!more && s.stream.avail_out == to.size()) {
            return fail(Error::truncated);
        }
    }
    return to.size() - s.stream.avail_out;
}

struct Bzip2Packer::State {
    State(Sink& to, std::uint64_t plain_bytes) : packed(to) {
        if (BZ2_bzCompressInit(&stream, block_size_for(plain_bytes), 0, 0) != BZ_OK) throw std::bad_alloc();
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { BZ2_bzCompressEnd(&stream); }

    /// One step; what comes out goes on.
    int step(int action) {
        stream.next_out = reinterpret_cast<char*>(piece.data());
        stream.avail_out = static_cast<unsigned>(piece.size());
        const int result = BZ2_bzCompress(&stream, action);
        if (result < 0) throw std::runtime_error("libbz2 failed to pack: error " + std::to_string(result));
        packed.write(Bytes(piece).first(piece.size() - stream.avail_out));
        return result;
    }

    Sink& packed;
    bz_stream stream{};
    std::array<std::uint8_t, piece_bytes> piece;
};

Bzip2Packer::Bzip2Packer(Sink& packed, std::uint64_t plain_bytes)
    : state_(std::make_unique<State>(packed, plain_bytes)) {}
Bzip2Packer::~Bzip2Packer() = default;

void Bzip2Packer::write(Bytes bytes) {
    constexpr std::size_t most = std::size_t{1} << 30;
    while (!bytes.empty()) {
        const Bytes part = bytes.first(std::min(bytes.size(), most));
        // libbz2 only reads what it is given
        state_->stream.next_in = const_cast<char*>(reinterpret_cast<const char*>(part.data()));
        state_->stream.avail_in = static_cast<unsigned>(part.size());
        while (state_->stream.avail_in != 0) state_->step(BZ_RUN);
        bytes = bytes.subspan(part.size());
    }
}

void Bzip2Packer::finish() {
    while (state_->step(BZ_FINISH) != BZ_STREAM_END) {
    }
}

}  // namespace sb::diff

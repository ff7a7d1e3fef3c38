// tools/diff: unpacking on a second core. While the reader uses some bytes of a stream, the next ones are made ready.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "core/delta/patch_source.hpp"

namespace sb::diff {

/// Reads `from` ahead on a thread of its own, by up to 128 KB.
class ReadAhead final : public ByteStream {
public:
    /// Requires: `from` outlives this and is read by nobody else; what it reads from takes calls from two threads.
    explicit ReadAhead(ByteStream& from) : from_(from), thread_([this](const std::stop_token& stop) { fill(stop); }) {}
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;
    ~ReadAhead() = default;

    /// See ByteStream; errors come where they stand in the stream.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct Piece {
        std::unique_ptr<std::uint8_t[]> room;
        std::size_t bytes = 0;  ///< in it
        std::size_t used = 0;
        Error error = Error::none;
        bool last = false;   ///< the stream ends behind it, or fails
        bool ready = false;  ///< belongs to the reader
    };

    void fill(const std::stop_token& stop);

    ByteStream& from_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::array<Piece, 2> pieces_{};
    std::size_t present_ = 0;  // of the reader
    bool holds_ = false;       // the reader knows that the present piece is ready
    std::jthread thread_;      // last: it ends before the rest
};

/// A reader that several threads may call.
class LockedReader final : public Reader {
public:
    /// Requires: `reader` outlives this and is read through this only.
    explicit LockedReader(Reader& reader) : reader_(reader) {}
    [[nodiscard]] std::uint32_t bytes() const override { return reader_.bytes(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        const std::lock_guard lock(mutex_);
        return reader_.read(offset, out);
    }

private:
    Reader& reader_;
    std::mutex mutex_;
};

}  // namespace sb::diff

// core/base: random access to bytes that stand somewhere else: a slot in flash, a file, a buffer.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

class Reader {
public:
    [[nodiscard]] virtual std::uint32_t bytes() const = 0;
    /// Reads out.size() bytes from `offset`. Errors: out_of_range, and those of the place (Flash::read: unreadable,
    /// io).
    [[nodiscard]] virtual Result<void> read(std::uint32_t offset, MutableBytes out) = 0;

protected:
    ~Reader() = default;
};

/// Bytes in memory.
class MemoryReader final : public Reader {
public:
    /// Requires: data.size() < 4 GiB, and `data` outlives the reader.
    explicit MemoryReader(Bytes data) : data_(data) {}
    [[nodiscard]] std::uint32_t bytes() const override { return static_cast<std::uint32_t>(data_.size()); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (offset > data_.size() || out.size() > data_.size() - offset) return fail(Error::out_of_range);
        copy(out, data_.subspan(offset, out.size()));
        return {};
    }

private:
    Bytes data_;
};

}  // namespace sb

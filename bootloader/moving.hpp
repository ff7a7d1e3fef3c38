// bootloader: the mover of a layout's scheme with what it leans on, as boot() wants it; and memory that images are
// hashed and moved in. NoMover is for layouts whose images never move: they run where they were written to, and there
// is no factory image.
#pragma once

#include <type_traits>

#include "bootloader/installation.hpp"
#include "core/install/rewrite_mover.hpp"

namespace sb::bootloader {

struct NoMover {};

/// `device` outlives it.
template <class Moves>
class Moving {
public:
    static constexpr bool undoes = false;  ///< whether it knows Plan::undo
    static_assert(std::is_same_v<Moves, SwapMover> || std::is_same_v<Moves, CopyMover>);
    explicit Moving(const Device& device) : scratch_(device.work) {}
    [[nodiscard]] const Mover* mover() const { return &mover_; }
    [[nodiscard]] MutableBytes scratch() const { return scratch_; }

private:
    Moves mover_{};
    MutableBytes scratch_;
};

template <>
class Moving<NoMover> {
public:
    static constexpr bool undoes = false;
    explicit Moving(const Device& device) : scratch_(device.work) {}
    [[nodiscard]] static const Mover* mover() { return nullptr; }
    [[nodiscard]] MutableBytes scratch() const { return scratch_; }

private:
    MutableBytes scratch_;
};

/// It decodes in the memory that update mode receives in.
template <>
class Moving<RewriteMover> {
public:
    static constexpr bool undoes = true;
    explicit Moving(const Device& device)
        : install_(install_device(device)), marks_(device.map), mover_(install_, device.work, marks_) {}
    Moving(const Moving&) = delete;
    Moving& operator=(const Moving&) = delete;
    [[nodiscard]] const Mover* mover() const { return &mover_; }
    [[nodiscard]] MutableBytes scratch() { return scratch_; }

private:
    InstallDevice install_;
    Marks marks_;
    RewriteMover mover_;
    alignas(8) std::array<std::uint8_t, 256> scratch_{};
};

}  // namespace sb::bootloader

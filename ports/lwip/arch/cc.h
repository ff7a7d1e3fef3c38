/* What lwIP asks of a compiler: all of it is in the standard headers. */
#ifndef SB_LWIP_CC_H
#define SB_LWIP_CC_H

#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1
#define LWIP_NO_INTTYPES_H 1
#define X8_F "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "lu"
#define S32_F "ld"
#define X32_F "lx"
#define SZT_F "u"
#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x)

#ifdef __cplusplus
extern "C"
#endif
    unsigned long
    sb_lwip_random(void);
#define LWIP_RAND() ((u32_t)sb_lwip_random())

#endif

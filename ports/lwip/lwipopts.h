/* What of lwIP is used: IPv4, ARP, UDP and DHCP by its raw functions, without an operating system. */
#ifndef SB_LWIPOPTS_H
#define SB_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_TCP 0
#define LWIP_RAW 0
#define LWIP_ICMP 0
#define LWIP_IPV6 0
#define LWIP_DHCP 1
#define LWIP_DHCP_BOOTP_FILE 1 /* DHCP's next server is where updates are asked for */
#define DHCP_DOES_ARP_CHECK 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_FORWARD 0
#define LWIP_STATS 0
#define LWIP_NETIF_API 0

/* Received frames are read where they are; what is sent is small: DHCP's 350 bytes, TFTP's 130. */
#define MEM_ALIGNMENT 4
#define MEM_SIZE 2048
#define MEMP_NUM_PBUF 4
#define MEMP_NUM_UDP_PCB 2
#define MEMP_NUM_ARP_QUEUE 2
#define PBUF_POOL_SIZE 1
#define PBUF_POOL_BUFSIZE 64
#define ARP_TABLE_SIZE 4

#endif

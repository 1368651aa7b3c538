/* zip_form.h - the two heads of a zip entry, for writer and reader. */
#pragma once
#include "zip.h"

#define ZIP_LOCAL     30U /* bytes of a local header, without the path */
#define ZIP_DIRECTORY 46U /* of a row of the directory, without the path */
#define ZIP_END       22U
#define ZIP_MAX       UINT32_MAX

/* The heads as we write them (APPNOTE 4.3.7, 4.3.12, 4.3.16), without the path. */
void zip_local_head(const zip_entry *entry, uint8_t ret_head[ZIP_LOCAL]);
void zip_directory_head(const zip_entry *entry, uint8_t ret_head[ZIP_DIRECTORY]);
void zip_end_head(unsigned entries, uint64_t from, uint64_t bytes, uint8_t ret_head[ZIP_END]);
uint64_t zip_number(const uint8_t *at, size_t n); /* little endian */

/* The limit to measure against: inflate each gzip file with libdeflate and hash what comes out with OpenSSL, in two threads.
 * It checks nothing and keeps nothing. Build: cc -O3 -o native_limit native_limit.c -ldeflate -lcrypto -lpthread
 * Use: native_limit < list-of-files; prints the bytes hashed. */
#include <libdeflate.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **paths;
static size_t count;
static atomic_size_t next;
static atomic_ullong hashed;

static void *work(void *unused) {
  struct libdeflate_decompressor *engine = libdeflate_alloc_decompressor();
  unsigned char *in = NULL, *out = NULL, digest[32];
  size_t in_size = 0, out_size = 0;
  (void)unused;
  for (size_t at; (at = atomic_fetch_add(&next, 1)) < count;) {
    FILE *file = fopen(paths[at], "rb");
    if (!file) { perror(paths[at]); exit(1); }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    if (size > in_size) { in = realloc(in, size); in_size = size; }
    if (fread(in, 1, size, file) != size) { perror(paths[at]); exit(1); }
    fclose(file);
    uint32_t inflated;
    memcpy(&inflated, in + size - 4, 4);
    if (inflated > out_size) { out = realloc(out, inflated); out_size = inflated; }
    size_t got;
    if (libdeflate_gzip_decompress(engine, in, size, out, inflated, &got) != LIBDEFLATE_SUCCESS) exit(1);
    EVP_Digest(out, got, digest, NULL, EVP_sha256(), NULL);
    atomic_fetch_add(&hashed, got);
  }
  return NULL;
}

int main(void) {
  char *line = NULL;
  size_t room = 0, held = 0;
  ssize_t length;
  while ((length = getline(&line, &room, stdin)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    if (count == held) paths = realloc(paths, (held = held ? held * 2 : 1024) * sizeof *paths);
    paths[count++] = strdup(line);
  }
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, work, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  printf("%llu\n", (unsigned long long)hashed);
  return 0;
}

/* Folders, so that what is in them is there after a power cut: a name in one is on the disk when
 * the folder is. */
#ifndef LONGPRESS_RIG_FOLDERS_H
#define LONGPRESS_RIG_FOLDERS_H

/* The folders on the way to `path`: what is kept of units and operators is nobody else's. Another
 * may make them at the same time; whether they are there shows when the file is opened. */
void folders_make(const char *path);
/* The folder that `path` is in goes to the disk. 0, or -1 and errno. */
int folder_sync_of(const char *path);

#endif

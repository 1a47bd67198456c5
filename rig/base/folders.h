/* Folders that survive a power cut: a new name in a folder is only on disk once the folder has been
 * synced. */
#ifndef LONGPRESS_RIG_FOLDERS_H
#define LONGPRESS_RIG_FOLDERS_H

/* Create the parent folders of `path`, private to the user: they hold data on units and operators.
 * Another process may create them at the same time; if one is missing, opening the file fails. */
void folders_make(const char *path);
/* Sync the folder that contains `path`. 0, or -1 and errno. */
int folder_sync_of(const char *path);

#endif

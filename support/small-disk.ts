import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a few MB that can be full. */
export class SmallDisk {
  readonly folder: string;

  /** @param megabytes its size */
  constructor(megabytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'soakd-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.folder]);
  }

  /** Writes a file until nothing more fits. */
  fill(): void {
    const file = openSync(join(this.folder, 'ballast'), 'a');
    try {
      for (let size = 65536; size >= 1; )
        try {
          writeSync(file, Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size = Math.floor(size / 2);
        }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.folder, 'ballast'));
  }

  remount(how: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${how}`, this.folder]);
  }

  close(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmdirSync(this.folder);
  }
}

/**
 * A file system of a few MB that breaks down as one does on a disk with errors: the kernel makes it read-only at once, also
 * for files that are open, where `remount,ro` is refused. Only a check of the file system brings it back.
 */
export class BreakableDisk {
  readonly folder: string;
  readonly #base = mkdtempSync(join(tmpdir(), 'soakd-breakable-'));

  /** @param megabytes its size */
  constructor(megabytes: number) {
    this.folder = join(this.#base, 'mounted');
    mkdirSync(this.folder);
    const file = openSync(this.#image, 'w');
    ftruncateSync(file, megabytes * 1024 ** 2);
    closeSync(file);
    execFileSync(MKFS, ['-q', '-F', this.#image]);
    this.#mount();
  }

  /** What was written before is kept: after a real breakdown, the last seconds can be missing. */
  breakDown(): void {
    execFileSync('sync', ['--file-system', this.folder]);
    execFileSync('mount', ['-o', 'remount,abort', this.folder]);
  }

  /** Checks it and mounts it again; no file on it may be open. */
  repair(): void {
    execFileSync('umount', [this.folder]);
    // 1: it corrected errors.
    const { status, stdout } = spawnSync(FSCK, ['-f', '-y', this.#image], { encoding: 'utf8' });
    if (status !== 0 && status !== 1) throw new Error(`e2fsck: ${stdout}`);
    this.#mount();
  }

  close(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmSync(this.#base, { recursive: true, force: true });
  }

  get #image(): string {
    return join(this.#base, 'image');
  }

  #mount(): void {
    execFileSync('mount', ['-o', 'loop', this.#image, this.folder]);
  }
}

/** Where Debian puts them: not on the path of every user. */
const MKFS = '/usr/sbin/mkfs.ext4';
const FSCK = '/usr/sbin/e2fsck';

/** @returns false where this process can make a {@link BreakableDisk}, else why the test is skipped */
export function needsBreakableDisk(): string | false {
  try {
    const disk = new BreakableDisk(4);
    disk.close();
    return false;
  } catch {
    return 'wants the right to mount a file of ext4 by a loop device';
  }
}

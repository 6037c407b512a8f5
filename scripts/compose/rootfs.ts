import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from './programs.ts';

/** The root file system of a stand-in image: programs of this machine with the libraries that they are linked to. */
export class Rootfs {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    for (const name of ['bin', 'usr/bin', 'etc', 'root', 'proc', 'sys', 'dev']) this.mkdir(`/${name}`);
    this.mkdir('/tmp');
    chmodSync(join(folder, 'tmp'), 0o1777);
    this.write('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
    this.write('/etc/group', 'root:x:0:\nnobody:x:65534:\n');
    this.#busybox();
  }

  /** @param owner user and group; absent: root */
  mkdir(path: string, owner = 0): void {
    mkdirSync(join(this.folder, path), { recursive: true });
    chownSync(join(this.folder, path), owner, owner);
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.folder, dirname(path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Copies a file of this machine. */
  copy(from: string, to: string): void {
    mkdirSync(join(this.folder, dirname(to)), { recursive: true });
    copyFileSync(realpathSync(from), join(this.folder, to));
  }

  copyFolder(from: string, to: string): void {
    cpSync(from, join(this.folder, to), { recursive: true });
  }

  link(path: string, target: string): void {
    mkdirSync(join(this.folder, dirname(path)), { recursive: true });
    symlinkSync(target, join(this.folder, path));
  }

  /** Copies a program and its libraries, these to where its loader looks for them. */
  program(from: string, to: string): void {
    this.copy(from, to);
    const { stdout } = spawnSync('ldd', [from], { encoding: 'utf8' });
    for (const [, library] of stdout.matchAll(/(?:=>\s+|^\s+)(\/\S+)/gm)) this.copy(library!, library!);
  }

  /** A shell and the usual small programs, as symbolic links in /bin and /usr/bin. */
  #busybox(): void {
    const busybox = findProgram('busybox');
    if (busybox === undefined) throw new Error('busybox is not installed');
    this.copy(busybox, '/bin/busybox');
    const { stdout } = spawnSync(busybox, ['--list'], { encoding: 'utf8' });
    const names = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
    for (const name of names) {
      this.link(`/bin/${name}`, 'busybox');
      this.link(`/usr/bin/${name}`, '../../bin/busybox');
    }
  }
}

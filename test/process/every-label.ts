/** Forty files over every label, and what must hold of them at each member: exactly what `dongbo explain` says. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Daemon } from './daemon.ts';
import type { Trio } from './trio.ts';

const sensitivities = ['PUBLIC', 'INTERNAL', 'RESTRICTED', 'CONFIDENTIAL'];
const personal = ['NONE', 'BASIC', 'SENSITIVE'];
/** A folder for each label that is no secret. */
export const openLabels = sensitivities.flatMap((s) => personal.map((p) => ({ dir: `${s}-${p}`, s, p })));
const secrecies = ['MAT', 'TOI_MAT', 'TUYET_MAT'];

/** 24 files that are no secrets, 12 that are, 4 without a label: 40. */
export const openFiles = openLabels.flatMap(({ dir }) => [`${dir}/một.txt`, `${dir}/hai.txt`]);
const secretFiles = secrecies.flatMap((s) => [1, 2, 3, 4].map((i) => `${s}/văn bản ${i}.txt`));
const bareFiles = [1, 2, 3, 4].map((i) => `chưa phân loại/${i}.txt`);
export const allFiles = [...openFiles, ...secretFiles, ...bareFiles];

/** Lines of YAML. */
const secretRules = secrecies.map(
  (s) =>
    `      - { path: "/${s}/", sensitivity: CONFIDENTIAL, secrecy: ${s}, decidedBy: Trần Văn Bảo, decisionRef: 7/QĐ }`,
);
export const labelRules = [
  ...openLabels.map(({ dir, s, p }) => `      - { path: "/${dir}/", sensitivity: ${s}, personalData: ${p} }`),
  ...secretRules,
];

const textOf = (name: string): string => `Nội dung của ${name}`;

export async function write(trio: Trio, name: string): Promise<void> {
  const file = trio.file(trio.a, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, textOf(name));
}

/** What `dongbo explain` at A says of a path: for each agency whether it gets it. */
export async function explained({ a, file }: Trio, name: string): Promise<Readonly<Record<string, string>>> {
  const text = await a.dongbo('explain', file(a, name), '--config', a.configFile);
  const lines = [...text.matchAll(/^(H29\.1[34]) [^:]+: (.*)$/gm)];
  return Object.fromEntries(lines.map(([, agency = '', says = '']) => [agency, says]));
}

export async function has({ file }: Trio, daemon: Daemon, name: string): Promise<boolean> {
  const text = await readFile(file(daemon, name), 'utf8').catch(() => undefined);
  if (text !== undefined) expect(text).toBe(textOf(name));
  return text !== undefined;
}

/** Compares all forty at B and C with what explain says; returns how many each gets. */
export async function compareAll(trio: Trio): Promise<{ readonly b: number; readonly c: number }> {
  const gets = { b: 0, c: 0 };
  for (const name of allFiles) {
    const said = await explained(trio, name);
    for (const [key, member] of [
      ['b', trio.b],
      ['c', trio.c],
    ] as const) {
      const says = said[member.options.agency] ?? '';
      expect(says).toMatch(/^(gets it, under the .*|withheld \([A-Z_]+, R\d\d\))$/);
      const isSent = says.startsWith('gets it');
      expect(await has(trio, member, name), `${name} at ${member.options.agency}: ${says}`).toBe(isSent);
      if (isSent) gets[key] += 1;
    }
  }
  return gets;
}

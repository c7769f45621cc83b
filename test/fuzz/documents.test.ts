/** What people and other agencies write, changed: agreements, cards, notices, label files, excludes, configurations. */
import { readFile } from 'node:fs/promises';
import { beforeAll, it } from 'vitest';
import { issueLines } from '#agent/cli/error-text.ts';
import { ConfigError, parseConfig } from '#agent/cli/config.ts';
import { parseAgreement } from '#agent/core/agreement.ts';
import { parseCard } from '#agent/core/card.ts';
import { parseNotice } from '#agent/core/notice.ts';
import { signAgreement, verifyAgreement } from '#agent/seal/agreement.ts';
import { IgnoreRules } from '#agent/store/ignore.ts';
import { parseLabelText } from '#agent/store/label-file.ts';
import { root } from '#test/tidy/source.ts';
import { draft, makeParties } from '#test/trust/parties.ts';
import { type Chance, fuzz, fuzzLimit, refusedAtMost } from './fuzz.ts';
import { mutateText, mutateValue } from './mutate.ts';

let agreement: unknown;
let card: unknown;
let config: string;
let me: Parameters<typeof verifyAgreement>[1];

beforeAll(async () => {
  const [a, b] = await makeParties('H29.12', 'H29.13');
  const signed = await signAgreement(
    draft([
      [a, 'publish'],
      [b, 'subscribe'],
    ]),
    a,
  );
  agreement = JSON.parse(JSON.stringify(signed));
  card = JSON.parse(JSON.stringify(a.card));
  me = b.node;
  config = await readFile(`${root}/config/agent.yaml`, 'utf8');
});

const notice = {
  space: '00112233445566778899aabbccddeeff',
  kind: 'suspend',
  time: '2026-11-02T00:00:00.000Z',
  reason: 'kiểm tra',
  signature: 'ab'.repeat(64),
};

/** JSON knows no bytes and no large integers. */
const json = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v)) ?? 'null');

it('agreements, cards and notices', fuzzLimit, async () => {
  await fuzz('agreements, cards and notices', async (chance) => {
    const changed = json(mutateValue(chance, agreement));
    await refusedAtMost(() => verifyAgreement(parseAgreement(changed), me));
    await refusedAtMost(() => parseCard(json(mutateValue(chance, card))));
    await refusedAtMost(() => parseNotice(json(mutateValue(chance, notice))));
  });
});

const several = (chance: Chance, text: string): string => {
  let changed = text;
  for (let times = 1 + chance.below(3); times > 0; times--) changed = mutateText(chance, changed);
  return changed;
};

const labels = `- path: "/hồ sơ/**"
  sensitivity: CONFIDENTIAL
  personalData: SENSITIVE
- path: "*.pdf"
  secrecy: MAT
  decidedBy: Lê Thị Hoa
  decisionRef: 12/QĐ-STC
`;

it('label files and excludes', fuzzLimit, async () => {
  await fuzz('label files and excludes', (chance) => {
    parseLabelText(several(chance, labels));
    const rules = new IgnoreRules([several(chance, '*.tmp\n!/giữ/**\n\\#x\n[a-z]*/**/b\n')]);
    rules.excludes('thư mục/tệp.txt', 'file');
    rules.excludes('a/b', 'dir');
  });
});

it('configurations', fuzzLimit, async () => {
  await fuzz('configurations', async (chance) => {
    await refusedAtMost(() => {
      try {
        parseConfig('/etc/dongbo/agent.yaml', several(chance, config));
      } catch (error) {
        if (error instanceof ConfigError)
          for (const issue of error.issues) for (const lang of ['vi', 'en'] as const) issueLines(issue, lang);
        throw error;
      }
    });
  });
});

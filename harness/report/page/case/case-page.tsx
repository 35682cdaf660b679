import type { Finding } from '../../../judge/verdict.ts';
import type { CaseData, RunData } from '../../html/run-data.ts';
import { Command } from '../parts/command.tsx';
import { CopyButton } from '../parts/copy.tsx';
import { place } from '../parts/format.ts';
import { Safe } from '../parts/safe.tsx';
import { Siblings } from '../parts/siblings.tsx';
import { VerdictMark } from '../parts/verdict.tsx';
import { openCase } from '../state/source.ts';
import { Timeline } from '../timeline/timeline.tsx';
import { type JSX, useEffect, useState } from '../packages/preact.ts';
import { CaseFacts } from './case-facts.tsx';
import { Consequences } from './consequences.tsx';
import { FindingCard } from './finding-card.tsx';
import { inMarkdown } from './markdown.ts';
import { Neighbours } from './neighbours.tsx';
import { Notes } from './notes.tsx';
import { TerminationsTable } from './terminations-table.tsx';

/** Page of one case. */
export function CasePage({ id, data }: { id: string; data: RunData }): JSX.Element {
  const index = data.rows.findIndex((row) => row.id === id);
  const verdict = data.rows[index]?.verdict;
  const [opened, setOpened] = useState<CaseData | string | undefined>(undefined);
  useEffect(() => {
    if (index < 0) return;
    openCase(index, id).then(setOpened, (error: unknown) => {
      setOpened(error instanceof Error ? error.message : String(error));
    });
  }, [id, index < 0, verdict]);
  if (index < 0) return <p class="notice">No case {id} in this run.</p>;
  if (opened === undefined) return <p class="dim">…</p>;
  if (typeof opened === 'string') return <p class="notice">This case cannot be read: {opened}</p>;
  return <Opened data={data} opened={opened} />;
}

function Opened({ data, opened }: { data: RunData; opened: CaseData }): JSX.Element {
  const { result, texts, journals } = opened;
  const { id, about, verdict, reason, rerun, findings, source: from } = result;
  const [attempt, setAttempt] = useState(0);
  const journal = journals[attempt];
  const follows = (finding: Finding): boolean =>
    findings.some(({ fingerprint }) => fingerprint === finding.follows);
  return (
    <article class="case">
      <Neighbours id={id} />
      <h1>
        <VerdictMark verdict={verdict} /> <span>{id}</span>
      </h1>
      <p class="about">{about}</p>
      <CaseFacts result={result} />
      <div class="actions">
        <CopyButton id="copy-markdown" text={() => inMarkdown(opened, data, journal)}>
          Copy as Markdown
        </CopyButton>
        {from.file === '' ? null : (
          <span class="dim">
            scenario <code>{place(from)}</code>
          </span>
        )}
      </div>
      {verdict === 'failed' || verdict === 'flaky' ? <Siblings id={id} rows={data.rows} /> : null}
      {rerun === undefined ? null : <Command text={rerun} />}
      {reason === undefined ? null : <pre class="notice reason">{reason}</pre>}
      {result.want === undefined ? null : (
        <p class="notice">
          This machine lacks {result.want.what}: {result.want.fix}
        </p>
      )}
      {findings.length === 0 ? null : <h2>Findings</h2>}
      {findings.map((finding, index) =>
        follows(finding) ? null : (
          <FindingCard key={index} finding={finding} text={texts[index]} data={data} />
        ),
      )}
      <Consequences
        texts={findings.flatMap((finding, index) => (follows(finding) ? (texts[index] ?? []) : []))}
      />
      <div class="heading">
        <h2>Timeline</h2>
        {journals.length < 2 ? null : (
          <AttemptChips count={journals.length} attempt={attempt} onChoice={setAttempt} />
        )}
      </div>
      {journal === undefined ? (
        <NoJournal result={result} />
      ) : (
        <Safe key={`${id} ${attempt}`} what="The timeline">
          <Timeline entries={journal} />
        </Safe>
      )}
      <TerminationsTable result={result} journal={journal} />
      <Notes result={result} />
    </article>
  );
}

function NoJournal({ result: { journal, verdict } }: { result: CaseData['result'] }): JSX.Element {
  return (
    <p class="dim">
      {journal === undefined || verdict === 'skipped'
        ? 'This case has no journal.'
        : `Left out to keep this file small; the journal is in ${journal}.`}
    </p>
  );
}

type ChipsProps = { count: number; attempt: number; onChoice: (attempt: number) => void };

function AttemptChips({ count, attempt, onChoice }: ChipsProps): JSX.Element {
  return (
    <div class="chips" role="group" aria-label="Attempt">
      {Array.from({ length: count }, (_, index) => (
        <button
          key={index}
          type="button"
          class="chip"
          aria-pressed={attempt === index}
          onClick={() => {
            onChoice(index);
          }}
        >
          attempt {index + 1}
        </button>
      ))}
    </div>
  );
}

/** A problem document (RFC 9457), as the service sends it. */
export interface ProblemDocument {
  title: string;
  status: number;
  detail: string;
  code?: string | null;
  faults?: { about: string; name: string; detail: string }[];
}

/** A request that was answered by a problem, or not at all: then `status` is 0. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly document: ProblemDocument;

  constructor(document: ProblemDocument) {
    super(document.detail);
    this.name = 'Problem';
    this.status = document.status;
    this.code = document.code ?? undefined;
    this.document = document;
  }

  /** Nobody answered. */
  static unanswered(): Problem {
    return new Problem({ title: 'No answer', status: 0, detail: '' });
  }
}

/** Reads the problem of an answer that is none of what was hoped for. */
export async function problemOf(response: Response): Promise<Problem> {
  const fallback = { title: response.statusText, status: response.status, detail: '' };
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  if (!isProblem) return new Problem(fallback);
  try {
    const read = (await response.json()) as Partial<ProblemDocument>;
    return new Problem({ ...fallback, ...read, status: response.status });
  } catch {
    return new Problem(fallback);
  }
}

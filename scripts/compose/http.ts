export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly token?: string;
  readonly method?: string;
}

/** One request to a published port, bounded in time. */
export async function request(
  url: string,
  { signal, token, method = 'GET' }: RequestOptions,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: response.status, text: await response.text() };
}

/** @throws Error when the answer is not a 200 */
export async function getJson<T>(url: string, options: RequestOptions): Promise<T> {
  const { status, text } = await request(url, options);
  if (status !== 200) throw new Error(`${url} answers ${status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

const PROMETHEUS = 'http://127.0.0.1:9090/api/v1';

/** @returns the value of a query that has exactly one series */
export async function queryValue(promql: string, options: RequestOptions): Promise<number> {
  const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
    `${PROMETHEUS}/query?query=${encodeURIComponent(promql)}`,
    options,
  );
  if (data.result.length !== 1) throw new Error(`${promql} has ${data.result.length} series`);
  return Number(data.result[0]!.value[1]);
}

export async function prometheus<T>(path: string, options: RequestOptions): Promise<T> {
  return (await getJson<{ data: T }>(`${PROMETHEUS}/${path}`, options)).data;
}

// Drives doclink with Laserfiche's own client, as a program written for a Laserfiche server would.
//
//     node laserfiche.mjs '{"url": ..., "repoId": ..., "user": ..., "key": ..., "source": 10,
//                           "targets": [11, 12, ...]}'
//
// Prints one JSON object: what each call gave.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import process from "node:process";

register("./bundler_resolution.mjs", import.meta.url);
const { PutLinksRequest, RepositoryApiClient } = await import(
  "@laserfiche/lf-repository-api-client"
);

const { url, repoId, user, key, source, targets } = JSON.parse(process.argv[2]);
const said = {};

// A self-hosted server: the client logs in by name and password.
const client = RepositoryApiClient.createFromUsernamePassword(
  repoId,
  user,
  key,
  `${url}/LFRepositoryAPI`,
);
// The cloud: a token comes from elsewhere.
const cloud = RepositoryApiClient.createFromHttpRequestHandler(
  {
    beforeFetchRequestAsync: async (_url, request) => {
      request.headers["Authorization"] = `Bearer ${key}`;
      return { regionalDomain: "" };
    },
    afterFetchResponseAsync: async () => false,
  },
  `${url}/repository`,
);

const { entriesClient, linkDefinitionsClient } = client;
const on = { repoId, entryId: source };
const wish = (targetId, linkTypeId = 1, customProperties = undefined) =>
  new PutLinksRequest({ targetId, linkTypeId, customProperties });
const refusal = async (call) => {
  try {
    await call;
  } catch (error) {
    return { status: error.status, message: error.message, details: error.problemDetails };
  }
  return null;
};

said.repositories = await cloud.repositoriesClient.getRepositoryList({});
said.definitions = await linkDefinitionsClient.getLinkDefinitions({ repoId, count: true });
said.definition = await linkDefinitionsClient.getLinkDefinitionById({ repoId, linkTypeId: 2 });
const entry = await entriesClient.getEntry(on);
said.entry = { class: entry.constructor.name, ...entry };
const slim = await entriesClient.getEntry({ repoId, entryId: 1, select: "name" });
said.root = { class: slim.constructor.name, ...slim };

// The client sends a PUT again when its first answer is lost.
const linksToAdd = targets.map((target) => wish(target, 1, { page: String(target) }));
said.assigned = (await entriesClient.assignEntryLinks({ ...on, linksToAdd })).value;
said.again = (await entriesClient.assignEntryLinks({ ...on, linksToAdd })).value;

const query = { ...on, select: "linkId,targetId", orderby: "targetId desc", count: true };
said.pages = [];
await entriesClient.getLinkValuesFromEntryForEach({
  ...query,
  maxPageSize: 3,
  callback: async (page) => said.pages.push(page) > 0,
});

// The same by hand: next links are followed with an empty `Prefer`.
said.walked = [];
let page = await cloud.entriesClient.getLinkValuesFromEntry({ ...query, prefer: "maxpagesize=2" });
for (;;) {
  said.walked.push(page.value.map((link) => link.targetId));
  if (!page.odataNextLink) break;
  page = await cloud.entriesClient.getLinkValuesFromEntryNextLink({ nextLink: page.odataNextLink });
}
said.definitionPages = [];
await linkDefinitionsClient.getLinkDefinitionsForEach({
  repoId,
  maxPageSize: 1,
  callback: async (found) => said.definitionPages.push(found.value[0].linkTypeId) > 0,
});

const [first] = targets;
const assign = (...links) => entriesClient.assignEntryLinks({ ...on, linksToAdd: links });
said.refusals = {
  noEntry: await refusal(entriesClient.getEntry({ repoId, entryId: 999999 })),
  noRepository: await refusal(entriesClient.getEntry({ repoId: "r-abc123", entryId: 1 })),
  noTarget: await refusal(assign(wish(first), wish(999999))),
  noType: await refusal(assign(wish(first), wish(first, 77))),
  noProperty: await refusal(entriesClient.getLinkValuesFromEntry({ ...on, select: "color" })),
  noLogin: await refusal(
    RepositoryApiClient.createFromUsernamePassword(
      repoId,
      user,
      `${key}x`,
      `${url}/LFRepositoryAPI`,
    ).entriesClient.getEntry(on),
  ),
};
said.kept = (await entriesClient.getLinkValuesFromEntry(on)).value.length;
said.cleared = (await assign()).value;
said.version = JSON.parse(
  readFileSync("node_modules/@laserfiche/lf-repository-api-client/package.json", "utf8"),
).version;
console.log(JSON.stringify(said));

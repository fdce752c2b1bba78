import { needsMaster, type Project } from './project.ts';

/**
 * A SAM template with the function, the rights that a rotation takes and no more, and Secrets Manager's permission to
 * invoke it for secrets of the same account.
 * Source: the user guide of Secrets Manager, "Lambda rotation function execution role permissions".
 */
export function samTemplate(project: Project): string {
  const { name } = project;
  const master = needsMaster(project);
  return `AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Rotates secrets of AWS Secrets Manager (${name})

Parameters:
  FunctionName:
    Type: String
    Default: ${name}
    AllowedPattern: '[A-Za-z0-9_-]{1,64}'
  SubnetIds:
    Type: CommaDelimitedList
    Default: ''
    Description: Subnets from which the service and Secrets Manager can be reached. Empty, the function is in no VPC.
  SecurityGroupIds:
    Type: CommaDelimitedList
    Default: ''
  KmsKeyArn:
    Type: String
    Default: ''
    Description: The KMS key of the secrets. Empty for aws/secretsmanager.
${master ? masterParameter : ''}
Conditions:
  InVpc: !Not [!Equals [!Join ['', !Ref SubnetIds], '']]
  HasKmsKey: !Not [!Equals [!Ref KmsKeyArn, '']]
${master ? masterCondition : ''}
Resources:
  RotationFunction:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Ref FunctionName
      CodeUri: dist/
      Handler: index.handler
      Runtime: nodejs24.x
      Architectures: [arm64]
      MemorySize: 512
      Timeout: 60
      Environment:
        Variables:
          SECRETS_MANAGER_ENDPOINT: !Sub https://secretsmanager.\${AWS::Region}.\${AWS::URLSuffix}
${master ? '          MASTER_SECRET_ARN: !Ref MasterSecretArn\n' : ''}      # SAM gives the role what a function in a VPC needs.
      VpcConfig: !If
        - InVpc
        - SubnetIds: !Ref SubnetIds
          SecurityGroupIds: !Ref SecurityGroupIds
        - !Ref AWS::NoValue
      Policies:
        - Version: '2012-10-17'
          Statement:
            # Only secrets that name this very function as the one that rotates them.
            - Effect: Allow
              Action:
                - secretsmanager:DescribeSecret
                - secretsmanager:GetSecretValue
                - secretsmanager:ListSecretVersionIds
                - secretsmanager:PutSecretValue
                - secretsmanager:UpdateSecretVersionStage
              Resource: !Sub arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:*
              Condition:
                StringEquals:
                  secretsmanager:resource/AllowRotationLambdaArn: !Sub arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:\${FunctionName}
${master ? masterStatement : ''}        - !If
          - HasKmsKey
          - Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action:
                  - kms:Decrypt
                  - kms:GenerateDataKey
                Resource: !Ref KmsKeyArn
                Condition:
                  StringEquals:
                    kms:ViaService: !Sub secretsmanager.\${AWS::Region}.\${AWS::URLSuffix}
          - !Ref AWS::NoValue
${master ? masterKeyPolicy : ''}
  MayInvoke:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !GetAtt RotationFunction.Arn
      Action: lambda:InvokeFunction
      Principal: secretsmanager.amazonaws.com
      SourceAccount: !Ref AWS::AccountId

Outputs:
  RotationFunctionArn:
    Value: !GetAtt RotationFunction.Arn
    Description: What a secret names as its RotationLambdaARN
`;
}

const masterParameter = `  MasterSecretArn:
    Type: String
    Description: The secret of the user who changes the passwords of others.
  MasterSecretKmsKeyArn:
    Type: String
    Default: ''
    Description: The KMS key of that secret. Empty for aws/secretsmanager.
`;

const masterCondition = `  HasMasterKmsKey: !Not [!Equals [!Ref MasterSecretKmsKeyArn, '']]
`;

const masterStatement = `            - Effect: Allow
              Action:
                - secretsmanager:DescribeSecret
                - secretsmanager:GetSecretValue
              Resource: !Ref MasterSecretArn
`;

const masterKeyPolicy = `        - !If
          - HasMasterKmsKey
          - Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: kms:Decrypt
                Resource: !Ref MasterSecretKmsKeyArn
                Condition:
                  StringEquals:
                    kms:ViaService: !Sub secretsmanager.\${AWS::Region}.\${AWS::URLSuffix}
          - !Ref AWS::NoValue
`;
